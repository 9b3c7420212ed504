# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0", "psycopg[binary]"]
# ///
# also: psycopg==3.2.*
# drivers: psycopg (the others take one statement: asyncpg_multiple_commands_breaks)
import asyncio
import os
import sys

from sqlalchemy import text
from sqlalchemy.exc import ProgrammingError
from sqlalchemy.ext.asyncio import AsyncConnection, create_async_engine

DATABASE_URL = os.environ.get("DATABASE_URL") or sys.exit(
    "needs PostgreSQL: DATABASE_URL=postgresql+psycopg://user:password@localhost/test"
)

# --8<-- [start:schema]
SCRIPT = (
    "CREATE TABLE orders (id INTEGER, status VARCHAR);"
    "CREATE INDEX orders_status ON orders (status);"
)


async def create(connection: AsyncConnection) -> None:
    await connection.execute(text(SCRIPT))


# --8<-- [end:schema]


# --8<-- [start:parameter]
async def with_a_parameter(connection: AsyncConnection) -> None:
    try:
        await connection.execute(text("SELECT :status; SELECT 2"), {"status": "open"})
    except ProgrammingError as error:
        print(error.orig)
        #> cannot insert multiple commands into a prepared statement


# --8<-- [end:parameter]


async def main() -> None:
    engine = create_async_engine(DATABASE_URL)
    try:
        async with engine.begin() as connection:
            await connection.execute(text("DROP TABLE IF EXISTS orders"))
            await create(connection)
            await with_a_parameter(connection)
    finally:
        await engine.dispose()


if __name__ == "__main__":
    asyncio.run(main())
