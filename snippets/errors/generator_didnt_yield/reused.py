# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0", "aiosqlite", "asyncpg", "psycopg[binary]"]
# ///
import asyncio
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker, create_async_engine

DATABASE_URL = os.environ.get("DATABASE_URL", "sqlite+aiosqlite:///greenlit.db")

engine = create_async_engine(DATABASE_URL)
session_factory = async_sessionmaker(engine)


@asynccontextmanager
async def open_session() -> AsyncIterator[AsyncSession]:
    async with session_factory() as session:
        yield session


async def main() -> None:
    try:
        # --8<-- [start:twice]
        opened = open_session()
        async with opened as session:
            await session.execute(text("SELECT 1"))
        try:
            async with opened as session:
                await session.execute(text("SELECT 1"))
        except AttributeError as error:
            print(f"AttributeError: {error}")
            #> AttributeError: '_AsyncGeneratorContextManager' object has no attribute 'args'
        # --8<-- [end:twice]
    finally:
        await engine.dispose()


if __name__ == "__main__":
    asyncio.run(main())
