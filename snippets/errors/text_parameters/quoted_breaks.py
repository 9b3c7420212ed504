# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0", "asyncpg", "psycopg[binary]"]
# ///
# also: asyncpg==0.31.*, asyncpg==0.30.*, psycopg==3.2.*
# raises: sqlalchemy.exc.InterfaceError, AssertionError
# drivers: asyncpg, psycopg (SQLite has no intervals)
import asyncio
import os
import sys
from datetime import timedelta

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection, create_async_engine

DATABASE_URL = os.environ.get("DATABASE_URL") or sys.exit(
    "needs PostgreSQL: DATABASE_URL=postgresql+asyncpg://user:password@localhost/test"
)


# --8<-- [start:query]
async def ago(connection: AsyncConnection, minutes: int) -> None:
    query = text("SELECT interval ':minutes minutes'")
    interval = await connection.scalar(query, {"minutes": minutes})
    assert interval == timedelta(minutes=minutes), interval


# --8<-- [end:query]


async def main() -> None:
    engine = create_async_engine(DATABASE_URL)
    try:
        async with engine.begin() as connection:
            await connection.execute(text("DROP TABLE IF EXISTS orders"))
            await connection.execute(text("CREATE TABLE orders (id INTEGER, reference VARCHAR)"))
            await connection.execute(text("INSERT INTO orders VALUES (1, '4711'), (2, '4712')"))
            await ago(connection, 30)
    finally:
        await engine.dispose()


if __name__ == "__main__":
    asyncio.run(main())
