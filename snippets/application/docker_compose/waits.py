# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0", "asyncpg", "psycopg[binary]"]
# ///
# drivers: asyncpg, psycopg (SQLite has no advisory locks)
# unrecorded: two connections at once
import asyncio
import os
import sys

from sqlalchemy import NullPool, text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine

DATABASE_URL = os.environ.get("DATABASE_URL") or sys.exit(
    "needs PostgreSQL: DATABASE_URL=postgresql+asyncpg://user:password@localhost/test"
)


# --8<-- [start:wait]
async def wait_for_others(connection: AsyncConnection) -> None:
    while not await connection.scalar(text("SELECT pg_try_advisory_lock(1)")):
        await asyncio.sleep(0.05)


# --8<-- [end:wait]


# --8<-- [start:migrate]
async def migrate(engine: AsyncEngine, waiting: asyncio.Event, locked: asyncio.Event) -> None:
    async with engine.connect() as connection:
        await connection.execution_options(isolation_level="AUTOCOMMIT")
        await wait_for_others(connection)
        locked.set()
        await waiting.wait()  # So that the other one is there when the index is made.
        await connection.execute(text("CREATE INDEX CONCURRENTLY IF NOT EXISTS by_name ON products (name)"))
        await connection.execute(text("SELECT pg_advisory_unlock(1)"))


# --8<-- [end:migrate]


async def until_another_waits(engine: AsyncEngine, locked: asyncio.Event, waiting: asyncio.Event) -> None:
    """Until the second has asked for the lock and been told to come back, or has waited for it in PostgreSQL for 4 seconds.

    A process that waits looks for a deadlock once, after one second. So the one that waits later finds it.
    """
    await locked.wait()
    asked = text(
        "SELECT count(*) FROM pg_stat_activity LEFT JOIN pg_locks ON pg_locks.pid = pg_stat_activity.pid AND NOT granted"
        " WHERE datname = current_database() AND query LIKE 'SELECT pg_%advisory_lock%'"
        " AND (state = 'idle' OR clock_timestamp() - waitstart > interval '4 seconds')"
    )
    async with engine.connect() as connection:
        await connection.execution_options(isolation_level="AUTOCOMMIT")
        while (await connection.scalar(asked) or 0) < 2:
            await asyncio.sleep(0.02)
    waiting.set()


async def main() -> None:
    engine = create_async_engine(DATABASE_URL, poolclass=NullPool)  # A closed connection has no lock.
    try:
        async with engine.begin() as connection:
            await connection.execute(text("DROP TABLE IF EXISTS products"))
            await connection.execute(text("CREATE TABLE products (id INTEGER PRIMARY KEY, name VARCHAR)"))
        waiting, locked = asyncio.Event(), asyncio.Event()
        two = [migrate(engine, waiting, locked) for _ in range(2)]
        ends = await asyncio.gather(*two, until_another_waits(engine, locked, waiting), return_exceptions=True)
        for end in ends:
            if isinstance(end, BaseException):
                raise end
        print("both are done")
        #> both are done
    finally:
        await engine.dispose()


if __name__ == "__main__":
    asyncio.run(main())
