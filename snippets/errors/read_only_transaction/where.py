# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0.22", "asyncpg", "psycopg[binary]"]
# ///
# drivers: asyncpg, psycopg (SQLite has no read-only transaction and no replicas)
# needs: server
# unrecorded: its server restarts, and the data folder has another name in each run
import asyncio
import os
import subprocess
import sys
from typing import Any

import asyncpg
from sqlalchemy import make_url, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

DATABASE_URL = os.environ.get("DATABASE_URL") or sys.exit(
    "needs a PostgreSQL that it may restart: RESTART_POSTGRES='systemctl restart postgresql' "
    "DATABASE_URL=postgresql+asyncpg://user:password@localhost/test"
)
URL = make_url(DATABASE_URL)
ON = "default_transaction_read_only"
AT_CONNECT: dict[str, Any] = {
    "asyncpg": {"server_settings": {ON: "on"}},
    "psycopg": {"options": f"-c {ON}=on"},
}


# --8<-- [start:ask]
ASK = text(
    "SELECT pg_is_in_recovery(), current_setting('transaction_read_only'), setting, source"
    " FROM pg_settings WHERE name = 'default_transaction_read_only'"
)


async def ask(engine: AsyncEngine) -> str:
    async with engine.connect() as connection:
        return " | ".join(map(str, (await connection.execute(ASK)).one()))


# --8<-- [end:ask]


async def administer(*statements: str) -> None:
    """On connections of their own, which may write whatever is set elsewhere."""
    engine = create_async_engine(URL, isolation_level="AUTOCOMMIT")
    async with engine.connect() as connection:
        database = await connection.scalar(text("SELECT quote_ident(current_database())"))
        await connection.execute(text(f"SET {ON} = off"))
        for statement in statements:
            await connection.execute(text(statement.format(database=database)))
    await engine.dispose()


async def restart() -> None:
    command = os.environ["RESTART_POSTGRES"]
    await asyncio.to_thread(subprocess.run, command, shell=True, check=True)


async def new(**options: Any) -> str:
    """What an engine's first connection says."""
    engine = create_async_engine(URL, **options)
    answer = await ask(engine)
    await engine.dispose()
    return answer


# --8<-- [start:table]
async def local() -> None:
    print("set where | `pg_is_in_recovery()` | `transaction_read_only` | default | source")
    #> set where | `pg_is_in_recovery()` | `transaction_read_only` | default | source
    engine = create_async_engine(URL)
    print(f"nowhere | {await ask(engine)}")
    #> nowhere | False | off | off | default
    read_only = engine.execution_options(postgresql_readonly=True)
    print(f"the engine's option `postgresql_readonly=True` | {await ask(read_only)}")
    #> the engine's option `postgresql_readonly=True` | False | on | off | default
    await engine.dispose()
    async with engine.begin() as connection:
        await connection.execute(text("SET SESSION CHARACTERISTICS AS TRANSACTION READ ONLY"))
    print(f"`SET`, earlier on this connection | {await ask(engine)}")
    #> `SET`, earlier on this connection | False | on | on | session
    await engine.dispose()
    answer = await new(connect_args=AT_CONNECT[URL.get_driver_name()])
    print(f"the engine's `connect_args` | {answer}")
    #> the engine's `connect_args` | False | on | on | client


async def server() -> str:
    await administer(f"ALTER ROLE CURRENT_USER SET {ON} = on")
    print(f"`ALTER ROLE … SET` | {await new()}")
    #> `ALTER ROLE … SET` | False | on | on | user
    await administer(f"ALTER ROLE CURRENT_USER RESET {ON}", f"ALTER DATABASE {{database}} SET {ON} = on")
    print(f"`ALTER DATABASE … SET` | {await new()}")
    #> `ALTER DATABASE … SET` | False | on | on | database
    connected = await both()
    await administer(f"ALTER DATABASE {{database}} RESET {ON}", f"ALTER SYSTEM SET {ON} = on")
    await restart()
    print(f"`postgresql.conf`, or `ALTER SYSTEM` | {await new()}")
    #> `postgresql.conf`, or `ALTER SYSTEM` | False | on | on | configuration file
    await administer(f"ALTER SYSTEM RESET {ON}")
    return connected


async def standby() -> None:
    engine = create_async_engine(URL)
    async with engine.begin() as connection:
        folder = await connection.scalar(text("SHOW data_directory"))
        await connection.execute(text(f"COPY (SELECT) TO '{folder}/standby.signal'"))
    await engine.dispose()
    await restart()
    print(f"nowhere: this is a replica | {await ask(engine)}")
    #> nowhere: this is a replica | True | on | off | default
    await engine.dispose()


# --8<-- [end:table]


# --8<-- [start:try]
async def write(engine: AsyncEngine, *statements: str) -> str:
    try:
        async with engine.begin() as connection:
            for statement in statements:
                await connection.execute(text(statement))
    except DBAPIError as error:
        return str(error.orig)
    return "done"


async def attempt(engine: AsyncEngine) -> None:
    print(await write(engine, "INSERT INTO orders VALUES (1)"))
    #> cannot execute INSERT in a read-only transaction
    print(await write(engine, "SET TRANSACTION READ WRITE", "INSERT INTO orders VALUES (1)"))
    #> cannot set transaction read-write mode during recovery


# --8<-- [end:try]


# --8<-- [start:target]
async def connects(server: str) -> str:
    engine = create_async_engine(URL.update_query_dict({"target_session_attrs": server}))
    try:
        async with engine.connect():
            return "connected"
    except (DBAPIError, asyncpg.InternalClientError):  # SQLAlchemy 2.0 raises asyncpg's own.
        return "refused"
    finally:
        await engine.dispose()


# --8<-- [end:target]


async def both() -> str:
    return f"{await connects('primary')} | {await connects('read-write')}"


async def clean_up() -> None:
    engine = create_async_engine(URL)
    await write(engine, "SELECT pg_promote()")
    await engine.dispose()
    await administer(f"ALTER DATABASE {{database}} RESET {ON}", f"ALTER ROLE CURRENT_USER RESET {ON}")


async def main() -> None:
    await administer("DROP TABLE IF EXISTS orders", "CREATE TABLE orders (id integer)")
    engine = create_async_engine(URL)
    try:
        await local()
        primary = await both()
        default = await server()
        await standby()
        replica = await both()
        await attempt(engine)
        # --8<-- [start:targets]
        print("server | `primary` | `read-write`")
        #> server | `primary` | `read-write`
        print(f"a primary | {primary}")
        #> a primary | connected | connected
        print(f"a primary with `ALTER DATABASE … SET` | {default}")
        #> a primary with `ALTER DATABASE … SET` | connected | refused
        print(f"a replica | {replica}")
        #> a replica | refused | refused
        # --8<-- [end:targets]
    finally:
        await engine.dispose()
        await clean_up()


if __name__ == "__main__":
    asyncio.run(main())
