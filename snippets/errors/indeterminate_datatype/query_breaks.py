# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0", "asyncpg", "psycopg[binary]"]
# ///
# also: asyncpg==0.31.*, asyncpg==0.30.*, psycopg==3.2.*
# raises: sqlalchemy.exc.ProgrammingError
# drivers: asyncpg, psycopg (SQLite's parameters have no type: indeterminate_datatype_sqlite)
import asyncio
import os
import sys

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection, create_async_engine

DATABASE_URL = os.environ.get("DATABASE_URL") or sys.exit(
    "needs PostgreSQL: DATABASE_URL=postgresql+asyncpg://user:password@localhost/test"
)

# --8<-- [start:query]
QUERY = text(
    "SELECT count(*) FROM orders"
    " WHERE :status IS NULL OR status = :status"
)


async def count(connection: AsyncConnection, status: str | None) -> None:
    print(await connection.scalar(QUERY, {"status": status}))


# --8<-- [end:query]


async def main() -> None:
    engine = create_async_engine(DATABASE_URL)
    try:
        async with engine.begin() as connection:
            await connection.execute(text("DROP TABLE IF EXISTS orders"))
            await connection.execute(text("CREATE TABLE orders (status VARCHAR)"))
            await connection.execute(text("INSERT INTO orders VALUES ('open'), ('sent')"))
            await count(connection, None)
            await count(connection, "open")
    finally:
        await engine.dispose()


if __name__ == "__main__":
    asyncio.run(main())
