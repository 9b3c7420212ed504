# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0.22", "aiosqlite"]
# ///
# drivers: aiosqlite (asyncpg's dialect trips over a foreign connection earlier)
import asyncio

import aiosqlite
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine


# --8<-- [start:engine]
async def connect_by_hand() -> aiosqlite.Connection:
    return await aiosqlite.connect(":memory:")


def make_engine() -> AsyncEngine:
    return create_async_engine("sqlite+aiosqlite://", async_creator=connect_by_hand)


# --8<-- [end:engine]


# --8<-- [start:ask]
async def ask(engine: AsyncEngine) -> None:
    async with engine.connect() as connection:
        print(await connection.scalar(text("SELECT 42")))
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
