# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0.38", "aiosqlite"]
# ///
# drivers: aiosqlite (a database in memory is SQLite's)
# raises: TypeError
import asyncio
import os

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

DATABASE_URL = os.environ.get("DATABASE_URL", "sqlite+aiosqlite:///greenlit.db")


# --8<-- [start:engine]
def make_engine(url: str) -> AsyncEngine:
    return create_async_engine(url, pool_size=10, max_overflow=5)


# --8<-- [end:engine]


async def main() -> None:
    # --8<-- [start:urls]
    for url in (DATABASE_URL, "sqlite+aiosqlite:///:memory:", "sqlite+aiosqlite://"):
        engine = make_engine(url)
        async with engine.connect() as connection:
            await connection.execute(text("SELECT 1"))
        print(type(engine.pool).__name__)
        #> AsyncAdaptedQueuePool
        await engine.dispose()
    # --8<-- [end:urls]


if __name__ == "__main__":
    asyncio.run(main())
