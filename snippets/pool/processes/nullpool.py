# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0", "asyncpg", "psycopg[binary]"]
# ///
# drivers: asyncpg, psycopg (SQLite has no server)
import asyncio
import os
import sys

from sqlalchemy import event, text
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, create_async_engine
from sqlalchemy.pool import NullPool

DATABASE_URL = os.environ.get("DATABASE_URL") or sys.exit(
    "needs PostgreSQL: DATABASE_URL=postgresql+asyncpg://user:password@localhost/test"
)


# --8<-- [start:requests]
async def connects_in_five_requests(engine: AsyncEngine) -> int:
    opened = 0

    @event.listens_for(engine.sync_engine, "connect")
    def count(_connection: object, _record: object) -> None:
        nonlocal opened
        opened += 1

    for _ in range(5):
        async with AsyncSession(engine) as session:
            await session.execute(text("SELECT 1"))
    return opened


# --8<-- [end:requests]


async def main() -> None:
    # --8<-- [start:table]
    print("poolclass | connects in five requests")
    #> poolclass | connects in five requests
    without = create_async_engine(DATABASE_URL, poolclass=NullPool)
    print(f"NullPool | {await connects_in_five_requests(without)}")
    #> NullPool | 5
    pooled = create_async_engine(DATABASE_URL)
    print(f"the default | {await connects_in_five_requests(pooled)}")
    #> the default | 1
    # --8<-- [end:table]
    await pooled.dispose()


if __name__ == "__main__":
    asyncio.run(main())
