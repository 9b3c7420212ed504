# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0", "aiosqlite", "asyncpg"]
# ///
# also: asyncpg==0.31.*, asyncpg==0.30.*
# raises: sqlalchemy.exc.ProgrammingError
# drivers: aiosqlite, asyncpg (psycopg runs both: asyncpg_multiple_commands_psycopg)
import asyncio
import os

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection, create_async_engine

DATABASE_URL = os.environ.get("DATABASE_URL", "sqlite+aiosqlite:///greenlit.db")

# --8<-- [start:schema]
SCRIPT = (
    "CREATE TABLE orders (id INTEGER, status VARCHAR);"
    "CREATE INDEX orders_status ON orders (status);"
)


async def create(connection: AsyncConnection) -> None:
    await connection.execute(text(SCRIPT))


# --8<-- [end:schema]


async def main() -> None:
    engine = create_async_engine(DATABASE_URL)
    try:
        async with engine.begin() as connection:
            await connection.execute(text("DROP TABLE IF EXISTS orders"))
            await create(connection)
    finally:
        await engine.dispose()


if __name__ == "__main__":
    asyncio.run(main())
