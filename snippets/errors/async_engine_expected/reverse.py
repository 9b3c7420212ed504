# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0", "aiosqlite", "asyncpg", "psycopg[binary]"]
# ///
import asyncio
import os

from sqlalchemy import text
from sqlalchemy.ext.asyncio import async_sessionmaker, create_async_engine

DATABASE_URL = os.environ.get("DATABASE_URL", "sqlite+aiosqlite:///greenlit.db")

engine = create_async_engine(DATABASE_URL)
# --8<-- [start:factory]
session_factory = async_sessionmaker(engine)
# --8<-- [end:factory]


# --8<-- [start:session]
async def main() -> None:
    try:
        async with session_factory() as session:
            print(await session.scalar(text("SELECT 'connected'")))
            #> connected
    finally:
        await engine.dispose()


# --8<-- [end:session]


if __name__ == "__main__":
    asyncio.run(main())
