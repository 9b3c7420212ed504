# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0", "psycopg[binary]"]
# ///
# drivers: psycopg (the setting is the server's, and asyncpg would need other settings first)
# needs: pgbouncer
import asyncio
import os
import sys
from contextlib import suppress

from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import create_async_engine
from sqlalchemy.pool import NullPool

DATABASE_URL = os.environ.get("DATABASE_URL") or sys.exit(
    "needs a PgBouncer in transaction mode: "
    "DATABASE_URL=postgresql+psycopg://user:password@localhost:6432/test"
)

engine = create_async_engine(
    DATABASE_URL, poolclass=NullPool, connect_args={"prepare_threshold": None}
)


# --8<-- [start:sql]
ALTER = """
    DO $$ BEGIN
        EXECUTE format('ALTER DATABASE %I {setting}', current_database());
    END $$
"""


async def alter(setting: str) -> None:
    async with engine.begin() as connection:
        await connection.execute(text(ALTER.format(setting=setting)))


# --8<-- [end:sql]


async def reconnect() -> None:
    """PgBouncer keeps its connections to the server, and the setting is for new ones."""
    with suppress(DBAPIError):
        async with engine.connect() as connection:
            await connection.execute(text("SELECT pg_terminate_backend(pg_backend_pid())"))


async def show() -> str | None:
    async with engine.connect() as connection:
        setting: str | None = await connection.scalar(text("SHOW statement_timeout"))
        return setting


async def main() -> None:
    # --8<-- [start:alter]
    await alter("SET statement_timeout = 10000")
    # --8<-- [end:alter]
    for _ in range(10):  # One of them at a time.
        if await show() != "10s":
            await reconnect()
    # --8<-- [start:show]
    async with engine.connect() as connection:
        print(await connection.scalar(text("SHOW statement_timeout")))
        #> 10s
    # --8<-- [end:show]
    await alter("RESET statement_timeout")
    await reconnect()


if __name__ == "__main__":
    asyncio.run(main())
