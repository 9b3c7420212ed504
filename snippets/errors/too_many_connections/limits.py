# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0", "asyncpg", "psycopg[binary]"]
# ///
# drivers: asyncpg, psycopg (SQLite has no server that counts)
# needs: server
import asyncio
import os
import sys
from contextlib import AsyncExitStack

from sqlalchemy import make_url, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import create_async_engine

DATABASE_URL = os.environ.get("DATABASE_URL") or sys.exit(
    "needs a PostgreSQL of its own with 12 connections: "
    "DATABASE_URL=postgresql+asyncpg://user:password@localhost/test"
)

HERE = make_url(DATABASE_URL)


# --8<-- [start:fill]
async def connect_until_refused(role: str) -> str:
    engine = create_async_engine(HERE.set(username=role), pool_size=0)  # No limit of our own.
    async with AsyncExitStack() as connections:
        connections.push_async_callback(engine.dispose)
        for number in range(20):
            try:
                await connections.enter_async_context(engine.connect())
            except DBAPIError as error:
                return f"after {number}: {str(error.orig).rpartition('FATAL:')[2].strip()}"
    return "never"


# --8<-- [end:fill]


async def main() -> None:
    admin = create_async_engine(HERE)
    try:
        async with admin.begin() as connection:
            await connection.execute(text("CREATE ROLE few LOGIN CONNECTION LIMIT 2"))
            await connection.execute(text("CREATE ROLE app LOGIN"))
        await admin.dispose()
        # --8<-- [start:limits]
        for role in ("few", "app", "postgres"):
            print(await connect_until_refused(role))
            #> after 2: too many connections for role "few"
            #> after 9: remaining connection slots are reserved for roles with the SUPERUSER attribute
            #> after 12: sorry, too many clients already
        # --8<-- [end:limits]
    finally:
        async with admin.begin() as connection:
            await connection.execute(text("DROP ROLE IF EXISTS few, app"))
        await admin.dispose()


if __name__ == "__main__":
    asyncio.run(main())
