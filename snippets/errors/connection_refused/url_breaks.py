# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0", "asyncpg", "psycopg[binary]"]
# ///
# drivers: asyncpg, psycopg (SQLite has no server)
# raises: ConnectionRefusedError, sqlalchemy.exc.OperationalError
import asyncio
import os
import sys

from sqlalchemy import make_url, text
from sqlalchemy.ext.asyncio import create_async_engine

DATABASE_URL = os.environ.get("DATABASE_URL") or sys.exit(
    "needs PostgreSQL: DATABASE_URL=postgresql+asyncpg://user:password@localhost/test"
)
DRIVER = make_url(DATABASE_URL).drivername

# --8<-- [start:url]
DEFAULT_URL = f"{DRIVER}://app@127.0.0.1:1/shop"  # Right on one laptop only.
URL = os.environ.get("DB_URL", DEFAULT_URL)
# --8<-- [end:url]


# --8<-- [start:ask]
async def main() -> None:
    engine = create_async_engine(URL)
    try:
        async with engine.connect() as connection:
            print(await connection.scalar(text("SELECT 'connected'")))
    finally:
        await engine.dispose()


# --8<-- [end:ask]

if __name__ == "__main__":
    asyncio.run(main())
