# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0", "asyncpg", "psycopg[binary]"]
# ///
# also: asyncpg==0.31.*, asyncpg==0.30.*, psycopg==3.2.*
# drivers: asyncpg, psycopg (SQLite has no arrays)
import asyncio
import os
import sys

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection, create_async_engine

DATABASE_URL = os.environ.get("DATABASE_URL") or sys.exit(
    "needs PostgreSQL: DATABASE_URL=postgresql+asyncpg://user:password@localhost/test"
)


# --8<-- [start:query]
async def find(connection: AsyncConnection, ids: list[int]) -> None:
    query = text("SELECT reference FROM orders WHERE id = ANY(:ids)")
    print((await connection.scalars(query, {"ids": ids})).all())
    #> ['4711', '4712']


# --8<-- [end:query]


async def main() -> None:
    engine = create_async_engine(DATABASE_URL)
    try:
        async with engine.begin() as connection:
            await connection.execute(text("DROP TABLE IF EXISTS orders"))
            await connection.execute(text("CREATE TABLE orders (id INTEGER, reference VARCHAR)"))
            await connection.execute(text("INSERT INTO orders VALUES (1, '4711'), (2, '4712')"))
            await find(connection, [1, 2])
    finally:
        await engine.dispose()


if __name__ == "__main__":
    asyncio.run(main())
