# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0", "asyncpg", "psycopg[binary]"]
# ///
# drivers: asyncpg, psycopg (SQLite has no server that counts)
# needs: server
# raises: sqlalchemy.exc.DBAPIError, sqlalchemy.exc.OperationalError,
#   asyncpg.exceptions.TooManyConnectionsError
import asyncio
import os
import sys

from sqlalchemy import URL, make_url, text
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

DATABASE_URL = os.environ.get("DATABASE_URL") or sys.exit(
    "needs a PostgreSQL of its own with 12 connections: "
    "DATABASE_URL=postgresql+asyncpg://user:password@localhost/test"
)

HERE = make_url(DATABASE_URL)


async def request(engine: AsyncEngine) -> None:
    async with engine.connect() as connection:
        await connection.execute(text("SELECT pg_sleep(0.1)"))


# --8<-- [start:role]
def make_engine(url: URL) -> AsyncEngine:
    return create_async_engine(url, pool_size=2, max_overflow=0)


async def two_requests(engine: AsyncEngine) -> None:
    done = await asyncio.gather(request(engine), request(engine), return_exceptions=True)
    for refused in done:
        if isinstance(refused, BaseException):
            raise refused.with_traceback(None)


# --8<-- [end:role]


async def main() -> None:
    admin = create_async_engine(HERE)
    engine = make_engine(HERE.set(username="greenlit_app"))
    try:
        async with admin.begin() as connection:
            await connection.execute(text("DROP ROLE IF EXISTS greenlit_app"))
            # --8<-- [start:limit]
            limit = "CREATE ROLE greenlit_app LOGIN CONNECTION LIMIT 1"
            await connection.execute(text(limit))
            # --8<-- [end:limit]
        await two_requests(engine)
    finally:
        await engine.dispose()
        async with admin.begin() as connection:
            await connection.execute(text("DROP ROLE IF EXISTS greenlit_app"))
        await admin.dispose()


if __name__ == "__main__":
    asyncio.run(main())
