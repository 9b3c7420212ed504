# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0", "aiosqlite", "asyncpg", "psycopg[binary]"]
# ///
# raises: sqlalchemy.ext.asyncio.exc.AsyncContextNotStarted
import asyncio
import os

from sqlalchemy import text
from sqlalchemy.ext.asyncio import create_async_engine
from sqlalchemy.orm import sessionmaker

DATABASE_URL = os.environ.get("DATABASE_URL", "sqlite+aiosqlite:///greenlit.db")

engine = create_async_engine(DATABASE_URL)
# --8<-- [start:factory]
session_factory = sessionmaker(engine)  # type: ignore[call-overload]
# --8<-- [end:factory]


# --8<-- [start:session]
async def main() -> None:
    try:
        with session_factory() as session:
            print(session.scalar(text("SELECT 'connected'")))
    finally:
        await engine.dispose()


# --8<-- [end:session]


if __name__ == "__main__":
    asyncio.run(main())
