# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0", "asyncpg", "psycopg[binary]"]
# ///
# drivers: asyncpg, psycopg (SQLite has no schemas of this kind)
import asyncio
import os
import sys

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection, create_async_engine

DATABASE_URL = os.environ.get("DATABASE_URL") or sys.exit(
    "needs PostgreSQL: DATABASE_URL=postgresql+asyncpg://user:password@localhost/test"
)

# --8<-- [start:ask]
WHERE = text(
    "SELECT current_schemas(false),"
    " (SELECT array_agg(table_schema::text) FROM information_schema.tables"
    "  WHERE table_name = 'orders')"
)


async def where_am_i(connection: AsyncConnection) -> None:
    searched, found = (await connection.execute(WHERE)).one()
    print("searched:", searched, "found in:", found)
    #> searched: ['public'] found in: ['shop']


# --8<-- [end:ask]


async def main() -> None:
    engine = create_async_engine(DATABASE_URL)
    try:
        async with engine.begin() as connection:
            await connection.execute(text("CREATE SCHEMA IF NOT EXISTS shop"))
            await connection.execute(text("CREATE TABLE shop.orders (id INTEGER)"))
            await where_am_i(connection)
            await connection.execute(text("DROP SCHEMA shop CASCADE"))
    finally:
        await engine.dispose()


if __name__ == "__main__":
    asyncio.run(main())
