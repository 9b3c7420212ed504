# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0.38", "asyncpg", "psycopg[binary]"]
# ///
# drivers: asyncpg, psycopg (SQLite has no server that counts)
# needs: server
import asyncio
import os
import sys
import traceback
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from typing import Any

from sqlalchemy import NullPool, make_url, text
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

DATABASE_URL = os.environ.get("DATABASE_URL") or sys.exit(
    "needs a PostgreSQL of its own with 12 connections: "
    "DATABASE_URL=postgresql+asyncpg://user:password@localhost/test"
)


NAMED: dict[str, dict[str, Any]] = {
    "asyncpg": {"server_settings": {"application_name": "billing"}},
    "psycopg": {"application_name": "billing"},
}
# --8<-- [start:count]
COUNT = text(
    "SELECT application_name, usename, count(*) FROM pg_stat_activity"
    " WHERE datname IS NOT NULL GROUP BY 1, 2 ORDER BY 3 DESC"
)
# --8<-- [end:count]


async def twenty_at_once(*engines: AsyncEngine) -> list[bool]:
    """Of twenty requests at once, which are refused?"""

    async def request(engine: AsyncEngine) -> None:
        async with engine.connect() as connection:
            await connection.execute(text("SELECT pg_sleep(0.2)"))

    done = await asyncio.gather(*(request(engine) for engine in engines), return_exceptions=True)
    return [isinstance(each, Exception) for each in done]


async def claim_null_pool(engine: AsyncEngine) -> None:
    """With `NullPool`, some of 20 requests at once are refused by a server of 12 connections."""
    unlimited = create_async_engine(engine.url, poolclass=NullPool)
    refused = await twenty_at_once(*[unlimited] * 20)
    assert any(refused)


async def claim_engine_per_request(engine: AsyncEngine) -> None:
    """With an engine made for each request, some of 20 requests at once are refused, with `pool_size=1` too."""
    engines = [create_async_engine(engine.url, pool_size=1, max_overflow=0) for _ in range(20)]
    refused = await twenty_at_once(*engines)
    for each in engines:
        await each.dispose()
    assert any(refused)


async def claim_queue(engine: AsyncEngine) -> None:
    """With one engine and `pool_size=5, max_overflow=0`, the same server answers 20 requests at once: they wait in the pool."""
    limited = create_async_engine(engine.url, pool_size=5, max_overflow=0)
    refused = await twenty_at_once(*[limited] * 20)
    await limited.dispose()
    assert not any(refused)


async def claim_dispose(engine: AsyncEngine) -> None:
    """After `dispose()`, connections that are still in use no longer count: an engine with `pool_size=2, max_overflow=0` can have four."""
    limited = create_async_engine(engine.url, pool_size=2, max_overflow=0)
    query = text("SELECT pid FROM pg_stat_activity WHERE datname IS NOT NULL")
    connections = []
    mine = set()
    for number in range(4):
        connections.append(await limited.connect())
        mine.add(await connections[-1].scalar(text("SELECT pg_backend_pid()")))
        if number == 1:
            await limited.dispose()
    alive = set(await connections[-1].scalars(query))
    for connection in connections:
        await connection.invalidate()  # The pool of the first two is gone.
        await connection.close()
    await limited.dispose()
    assert len(mine) == 4
    assert mine <= alive


async def claim_application_name(engine: AsyncEngine) -> None:
    """A role that is not a superuser sees the connections of other roles too, if it sends this query."""
    named = create_async_engine(engine.url, connect_args=NAMED[make_url(DATABASE_URL).get_driver_name()])
    plain = create_async_engine(engine.url.set(username="plain"))
    async with named.connect() as first, named.connect():
        await first.execute(text("CREATE ROLE plain LOGIN"))
        await first.commit()
        async with plain.connect() as connection:
            rows = [tuple(row) for row in await connection.execute(COUNT)]
        await plain.dispose()
        await first.execute(text("DROP ROLE plain"))
        await first.commit()
    await named.dispose()
    assert ("billing", engine.url.username, 2) in rows


async def claim_database(engine: AsyncEngine) -> None:
    """With a `CONNECTION LIMIT` of the database the text is `too many connections for database`. The limit does not stop a superuser."""
    said = {}
    admin = create_async_engine(engine.url, isolation_level="AUTOCOMMIT")
    async with admin.connect() as connection:
        for statement in ("CREATE ROLE few LOGIN", "CREATE DATABASE small CONNECTION LIMIT 1"):
            await connection.execute(text(statement))
        for role in ("few", engine.url.username):
            small = create_async_engine(engine.url.set(username=role, database="small"))
            async with AsyncExitStack() as stack:
                stack.push_async_callback(small.dispose)
                await stack.enter_async_context(small.connect())
                try:
                    await stack.enter_async_context(small.connect())
                except Exception as error:
                    said[role] = str(error)
        for statement in ("DROP DATABASE small", "DROP ROLE few"):
            await connection.execute(text(statement))
    await admin.dispose()
    assert 'too many connections for database "small"' in said.pop("few")
    assert not said


async def reason_against(claim: Callable[[AsyncEngine], Awaitable[None]]) -> str:
    """Why a claim does not hold here, or nothing."""
    engine = create_async_engine(DATABASE_URL)
    try:
        await claim(engine)
    except Exception as error:
        line = traceback.extract_tb(error.__traceback__)[-1].line
        return f"{type(error).__name__}: {str(error).partition(chr(10))[0] or line}"
    finally:
        await engine.dispose()
    return ""


async def main() -> None:
    for name, claim in list(globals().items()):
        if name.startswith("claim_"):
            sentence, against = " ".join(claim.__doc__.split()), await reason_against(claim)
            print(f"does not hold: {sentence} ({against})" if against else f"holds: {sentence}")


if __name__ == "__main__":
    asyncio.run(main())
