# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0", "asyncpg", "psycopg[binary]"]
# ///
# drivers: asyncpg, psycopg (SQLite has no roles, and makes a database that is not there)
# needs: server
# raises: sqlalchemy.exc.DBAPIError, sqlalchemy.exc.OperationalError,
#   asyncpg.exceptions.InvalidCatalogNameError
import asyncio
import os
import sys

from sqlalchemy import URL, make_url, text
from sqlalchemy.ext.asyncio import create_async_engine

DATABASE_URL = os.environ.get("DATABASE_URL") or sys.exit(
    "needs a PostgreSQL of its own with 12 connections: "
    "DATABASE_URL=postgresql+asyncpg://user:password@localhost/test"
)

HERE = make_url(DATABASE_URL)


# --8<-- [start:create]
async def administer(statement: str) -> None:
    """CREATE DATABASE cannot run in a transaction, nor in the database that is not there yet."""
    url = HERE.set(database="postgres")
    engine = create_async_engine(url, isolation_level="AUTOCOMMIT")
    async with engine.connect() as connection:
        await connection.execute(text(statement))
    await engine.dispose()


# --8<-- [end:create]


# --8<-- [start:start]
async def start(url: URL) -> None:
    engine = create_async_engine(url)
    try:
        async with engine.connect() as connection:
            print(await connection.scalar(text("SELECT current_database()")))
    finally:
        await engine.dispose()


# --8<-- [end:start]


async def main() -> None:
    try:
        await start(HERE.set(database="greenlit_shop"))
    finally:
        await administer("DROP DATABASE IF EXISTS greenlit_shop")


if __name__ == "__main__":
    asyncio.run(main())
