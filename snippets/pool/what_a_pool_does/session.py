# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0", "aiosqlite", "asyncpg", "psycopg[binary]"]
# ///
import asyncio
import os

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession, create_async_engine

DATABASE_URL = os.environ.get("DATABASE_URL", "sqlite+aiosqlite:///greenlit.db")


async def main() -> None:
    # --8<-- [start:session]
    engine = create_async_engine(DATABASE_URL)  # Connects to nothing.
    async with AsyncSession(engine) as session:  # Takes nothing.
        await session.execute(text("SELECT 1"))
        await session.commit()
        await session.execute(text("SELECT 2"))
    # --8<-- [end:session]
    # --8<-- [start:dispose]
    await engine.dispose()
    # --8<-- [end:dispose]


if __name__ == "__main__":
    asyncio.run(main())
