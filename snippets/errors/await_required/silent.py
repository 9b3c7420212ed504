# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0", "aiosqlite"]
# ///
# drivers: aiosqlite (asyncpg's dialect trips over a foreign connection earlier)
import asyncio
import sqlite3

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, create_async_engine


def connect_by_hand() -> sqlite3.Connection:
    return sqlite3.connect(":memory:", check_same_thread=False)


def make_engine() -> AsyncEngine:
    return create_async_engine("sqlite+aiosqlite://", creator=connect_by_hand)


# --8<-- [start:ask]
async def ask(engine: AsyncEngine) -> None:
    async with AsyncSession(engine) as session:
        print(await session.scalar(text("SELECT 42")))
        #> 42


# --8<-- [end:ask]


async def main() -> None:
    engine = make_engine()
    try:
        await ask(engine)
    finally:
        await engine.dispose()


if __name__ == "__main__":
    asyncio.run(main())
