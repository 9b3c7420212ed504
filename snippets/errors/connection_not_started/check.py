# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0", "aiosqlite", "asyncpg", "psycopg[binary]"]
# ///
import asyncio
import os

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

DATABASE_URL = os.environ.get("DATABASE_URL", "sqlite+aiosqlite:///greenlit.db")


# --8<-- [start:check]
async def is_up(engine: AsyncEngine) -> bool:
    async with engine.connect() as connection:
        return bool(await connection.scalar(text("SELECT 1")))


# --8<-- [end:check]


async def main() -> None:
    engine = create_async_engine(DATABASE_URL)
    try:
        # --8<-- [start:call]
        print(f"database up: {await is_up(engine)}")
        #> database up: True
        # --8<-- [end:call]
    finally:
        await engine.dispose()


if __name__ == "__main__":
    asyncio.run(main())
