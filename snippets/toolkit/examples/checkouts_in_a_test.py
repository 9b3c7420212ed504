# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0", "aiosqlite", "asyncpg", "psycopg[binary]"]
# ///
import asyncio
import os

from checkouts import Checkouts
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession, create_async_engine

DATABASE_URL = os.environ.get("DATABASE_URL", "sqlite+aiosqlite:///greenlit.db")

engine = create_async_engine(DATABASE_URL)
session = AsyncSession(engine)


# --8<-- [start:test]
async def count_orders() -> int:
    return await asyncio.wait_for(session.scalar(text("SELECT 3")), timeout=5)


async def test_count_orders_returns_its_connection() -> None:
    with Checkouts() as checkouts:
        await count_orders()
        try:
            assert not checkouts.out, checkouts
        except AssertionError:
            print(checkouts.out[0].taken[0].code)
            #> return await asyncio.wait_for(session.scalar(text("SELECT 3")), timeout=5)


# --8<-- [end:test]


async def main() -> None:
    await test_count_orders_returns_its_connection()
    await session.close()
    await engine.dispose()


if __name__ == "__main__":
    asyncio.run(main())
