# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0", "asyncpg", "psycopg[binary]"]
# ///
# drivers: asyncpg, psycopg (SQLite does not tell upper from lower case)
import asyncio
import os
import sys

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection, create_async_engine

DATABASE_URL = os.environ.get("DATABASE_URL") or sys.exit(
    "needs PostgreSQL: DATABASE_URL=postgresql+asyncpg://user:password@localhost/test"
)


# --8<-- [start:query]
async def count(connection: AsyncConnection) -> None:
    await connection.execute(text('CREATE TABLE "Invoices" (id INTEGER)'))
    print(await connection.scalar(text('SELECT count(*) FROM "Invoices"')))
    #> 0


# --8<-- [end:query]


async def main() -> None:
    engine = create_async_engine(DATABASE_URL)
    try:
        async with engine.begin() as connection:
            await connection.execute(text('DROP TABLE IF EXISTS "Invoices", invoices'))
            await count(connection)
    finally:
        await engine.dispose()


if __name__ == "__main__":
    asyncio.run(main())
