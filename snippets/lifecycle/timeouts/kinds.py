# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.1", "asyncpg", "psycopg[binary]"]
# ///
# also: asyncpg==0.31.*, asyncpg==0.30.*
# drivers: asyncpg (it tries psycopg itself, with the same PostgreSQL)
# unrecorded: all cases wait at the same time, and which is first varies
import asyncio
import os
import sys
from collections.abc import Awaitable, Callable
from typing import Any

from sqlalchemy import URL, make_url, text
from sqlalchemy.ext.asyncio import AsyncConnection, create_async_engine

DATABASE_URL = os.environ.get("DATABASE_URL") or sys.exit(
    "needs PostgreSQL: DATABASE_URL=postgresql+asyncpg://user:password@localhost/test"
)

HERE = make_url(DATABASE_URL)
# --8<-- [start:connect]
CONNECT_TIMEOUT: dict[str, dict[str, Any]] = {
    "asyncpg": {"timeout": 2},
    "psycopg": {"connect_timeout": 2},
}
# --8<-- [end:connect]
accepted: list[asyncio.StreamWriter] = []


# --8<-- [start:set]
async def statement_timeout(connection: AsyncConnection) -> None:
    await connection.execute(text("SET statement_timeout = '200ms'"))
    await connection.execute(text("SELECT pg_sleep(60)"))


async def lock_timeout(connection: AsyncConnection) -> None:
    await connection.execute(text("SET lock_timeout = '200ms'"))
    await connection.execute(text("UPDATE taken SET id = 2"))


async def idle_in_transaction_session_timeout(connection: AsyncConnection) -> None:
    await connection.execute(text("SET idle_in_transaction_session_timeout = '200ms'"))
    await asyncio.sleep(2)
    await connection.execute(text("SELECT 1"))


async def transaction_timeout(connection: AsyncConnection) -> None:
    await connection.execute(text("SET transaction_timeout = '1s'"))
    await connection.execute(text("SELECT pg_sleep(60)"))


async def asyncio_timeout(connection: AsyncConnection) -> None:
    async with asyncio.timeout(0.2):
        await connection.execute(text("SELECT pg_sleep(60)"))


async def pool_timeout(connection: AsyncConnection) -> None:
    async with connection.engine.connect():
        raise AssertionError("the pool has one connection")


# --8<-- [end:set]


async def connect_timeout(_: AsyncConnection) -> None:
    raise AssertionError("nobody answers")


async def outcome(url: URL, work: Callable[[AsyncConnection], Awaitable[None]]) -> tuple[str, str]:
    """What is raised, and what becomes of the connection."""
    arguments = CONNECT_TIMEOUT[url.get_driver_name()]
    engine = create_async_engine(
        url, pool_size=1, max_overflow=0, pool_timeout=0.5, connect_args=arguments
    )
    try:
        async with engine.connect() as connection:
            try:
                await work(connection)
            except Exception as error:
                return kind(error), "lost" if connection.invalidated else "lives"
        return "passes", "lives"
    except Exception as error:
        return kind(error), "none"
    finally:
        await engine.dispose()


def kind(error: Exception) -> str:
    if isinstance(error, TimeoutError):
        return "Python's TimeoutError"
    code = getattr(getattr(error, "orig", None), "sqlstate", None)
    return " ".join(filter(None, [type(error).__name__, code]))


async def keep_silent(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """A server that takes the connection and never answers."""
    accepted.append(writer)
    await reader.read()


async def row(url: URL, work: Callable[[AsyncConnection], Awaitable[None]]) -> str:
    (asyncpg, after), (psycopg, same) = await asyncio.gather(
        outcome(url.set(drivername="postgresql+asyncpg"), work),
        outcome(url.set(drivername="postgresql+psycopg"), work),
    )
    assert after == same
    return f"{work.__name__} | {asyncpg} | {psycopg} | {after}"


async def main() -> None:
    silent = await asyncio.start_server(keep_silent, "127.0.0.1", 0)
    no_answer = HERE.set(host="127.0.0.1", port=silent.sockets[0].getsockname()[1], query={})
    admin = create_async_engine(HERE)
    try:
        async with admin.begin() as connection:
            await connection.execute(text("DROP TABLE IF EXISTS taken"))
            await connection.execute(text("CREATE TABLE taken AS SELECT 1 AS id"))
        async with admin.begin() as holder:
            await holder.execute(text("SELECT * FROM taken FOR UPDATE"))
            # --8<-- [start:table]
            rows = [
                row(HERE, statement_timeout),
                row(HERE, lock_timeout),
                row(HERE, transaction_timeout),
                row(HERE, idle_in_transaction_session_timeout),
                row(HERE, asyncio_timeout),
                row(HERE, pool_timeout),
                row(no_answer, connect_timeout),
            ]
            print("limit | asyncpg | psycopg | connection")
            #> limit | asyncpg | psycopg | connection
            for line in await asyncio.gather(*rows):
                print(line)
                #> statement_timeout | DBAPIError 57014 | OperationalError 57014 | lives
                #> lock_timeout | DBAPIError 55P03 | OperationalError 55P03 | lives
                #> transaction_timeout | DBAPIError 08003 | InternalError 25P04 | lost
                #> idle_in_transaction_session_timeout | InterfaceError | InternalError 25P03 | lost
                #> asyncio_timeout | Python's TimeoutError | Python's TimeoutError | lost
                #> pool_timeout | TimeoutError | TimeoutError | lives
                #> connect_timeout | Python's TimeoutError | OperationalError | none
            # --8<-- [end:table]
    finally:
        await admin.dispose()
        silent.close()
        for writer in accepted:
            writer.close()
            await asyncio.gather(writer.wait_closed(), return_exceptions=True)


if __name__ == "__main__":
    asyncio.run(main())
