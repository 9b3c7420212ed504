# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0", "asyncpg", "psycopg[binary]"]
# ///
# drivers: asyncpg, psycopg (connecting to a SQLite file costs next to nothing)
# unrecorded: which of the tasks gets a connection that is left, and which must open one, differs from run to run
import asyncio
import os
import sys

from sqlalchemy import event, text
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

DATABASE_URL = os.environ.get("DATABASE_URL") or sys.exit(
    "needs PostgreSQL: DATABASE_URL=postgresql+asyncpg://user:password@localhost/test"
)

# --8<-- [start:engine]
engine = create_async_engine(DATABASE_URL, pool_size=8, max_overflow=0)
# --8<-- [end:engine]


# --8<-- [start:count]
async def connects_under_load(engine: AsyncEngine) -> int:
    connects = 0

    @event.listens_for(engine.sync_engine, "connect")
    def count(_connection: object, _record: object) -> None:
        nonlocal connects
        connects += 1

    async def user() -> None:
        for _ in range(20):
            async with engine.connect() as connection:
                await connection.execute(text("SELECT pg_sleep(0.002)"))

    async with asyncio.TaskGroup() as group:
        for _ in range(8):
            group.create_task(user())
    return connects


async def main() -> None:
    try:
        connects = await connects_under_load(engine)
        print(f"needed 8, opened at least 16: {connects >= 16}")
        #> needed 8, opened at least 16: False
    finally:
        await engine.dispose()


# --8<-- [end:count]


if __name__ == "__main__":
    asyncio.run(main())
