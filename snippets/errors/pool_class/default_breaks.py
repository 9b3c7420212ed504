# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0.38", "aiosqlite", "asyncpg", "psycopg[binary]"]
# ///
# raises: sqlalchemy.exc.ArgumentError
import asyncio
import os

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine
from sqlalchemy.pool import QueuePool

DATABASE_URL = os.environ.get("DATABASE_URL", "sqlite+aiosqlite:///greenlit.db")


# --8<-- [start:engine]
def make_engine(url: str) -> AsyncEngine:
    return create_async_engine(url, poolclass=QueuePool, pool_size=10)


# --8<-- [end:engine]


async def main() -> None:
    engine = make_engine(DATABASE_URL)
    try:
        async with engine.connect() as connection:
            await connection.execute(text("SELECT 1"))
        # --8<-- [start:default]
        print(type(engine.pool).__name__)
        # --8<-- [end:default]
    finally:
        await engine.dispose()


if __name__ == "__main__":
    asyncio.run(main())
