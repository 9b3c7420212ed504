# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0", "asyncpg", "psycopg[binary]"]
# ///
# drivers: asyncpg, psycopg (SQLite has no server that could end a connection)
import asyncio
import os
import sys
from contextlib import suppress

from sqlalchemy import text
from sqlalchemy.exc import DBAPIError, TimeoutError
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine
from sqlalchemy.pool import NullPool

DATABASE_URL = os.environ.get("DATABASE_URL") or sys.exit(
    "needs PostgreSQL: DATABASE_URL=postgresql+asyncpg://user:password@localhost/test"
)


async def has_ended(pid: int) -> None:
    """Wait until PostgreSQL has ended that connection."""
    watcher = create_async_engine(DATABASE_URL, poolclass=NullPool)
    query = text("SELECT count(*) FROM pg_stat_activity WHERE pid = :pid")
    async with watcher.connect() as connection:
        await connection.execution_options(isolation_level="AUTOCOMMIT")
        while await connection.scalar(query, {"pid": pid}):
            await asyncio.sleep(0.05)
    await watcher.dispose()


# --8<-- [start:victim]
async def victim(engine: AsyncEngine) -> None:
    try:
        async with engine.connect():
            print("the other request has a connection")
    except TimeoutError as error:
        print(type(error).__name__)
        #> TimeoutError


async def hold_and_ask(engine: AsyncEngine) -> None:
    with suppress(DBAPIError):  # The end of the transaction, on a connection that is gone.
        async with engine.connect() as connection:
            await connection.execute(text("SET idle_in_transaction_session_timeout = '100ms'"))
            await connection.commit()
            pid: int = (await connection.execute(text("SELECT pg_backend_pid()"))).scalar_one()
            await has_ended(pid)
            await victim(engine)


# --8<-- [end:victim]


async def main() -> None:
    engine = create_async_engine(DATABASE_URL, pool_size=1, max_overflow=0, pool_timeout=0.5)
    try:
        await hold_and_ask(engine)
    finally:
        await engine.dispose()


if __name__ == "__main__":
    asyncio.run(main())
