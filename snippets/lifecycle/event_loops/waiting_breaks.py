# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0.38", "aiosqlite", "psycopg[binary]"]
# ///
# unrecorded: how far each of the cancelled tasks came when the loop ended varies from run to run
# drivers: aiosqlite, psycopg (asyncpg breaks without anybody waiting)
# raises: RuntimeError
import asyncio
import os

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

DATABASE_URL = os.environ.get("DATABASE_URL", "sqlite+aiosqlite:///greenlit.db")


# --8<-- [start:job]
async def select_one(engine: AsyncEngine) -> None:
    async with engine.connect() as connection:
        await connection.execute(text("SELECT 1"))


async def job(engine: AsyncEngine) -> None:
    await asyncio.gather(select_one(engine), select_one(engine))


def main() -> None:
    engine = create_async_engine(DATABASE_URL, pool_size=1, max_overflow=0)
    asyncio.run(job(engine))
    asyncio.run(job(engine))


# --8<-- [end:job]


if __name__ == "__main__":
    main()
