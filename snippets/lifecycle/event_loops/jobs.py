# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0", "aiosqlite", "asyncpg", "psycopg[binary]"]
# ///
import asyncio
import os
import sys

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

DATABASE_URL = os.environ.get("DATABASE_URL") or sys.exit(
    "needs PostgreSQL: DATABASE_URL=postgresql+asyncpg://user:password@localhost/test"
)


# --8<-- [start:jobs]
async def work(engine: AsyncEngine) -> None:
    async with engine.connect() as connection:
        await connection.execute(text("SELECT 1"))


async def job(engine: AsyncEngine, number: int) -> None:
    try:
        await asyncio.create_task(work(engine), name=f"job {number}")
        print(f"job {number} is done")
        #> job 1 is done
        #> job 2 is done
        #> job 3 is done
    finally:
        await engine.dispose()


def main() -> None:
    engine = create_async_engine(DATABASE_URL)
    for number in (1, 2, 3):
        asyncio.run(job(engine, number))


# --8<-- [end:jobs]


if __name__ == "__main__":
    main()
