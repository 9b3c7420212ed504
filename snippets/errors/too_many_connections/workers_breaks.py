# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0", "asyncpg", "psycopg[binary]"]
# ///
# drivers: asyncpg, psycopg (SQLite has no server that counts)
# needs: server
# raises: sqlalchemy.exc.DBAPIError, sqlalchemy.exc.OperationalError
import asyncio
import os
import sys

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

DATABASE_URL = os.environ.get("DATABASE_URL") or sys.exit(
    "needs a PostgreSQL of its own with 12 connections: "
    "DATABASE_URL=postgresql+asyncpg://user:password@localhost/test"
)


# --8<-- [start:worker]
def worker() -> AsyncEngine:
    """What every process of uvicorn --workers 2 has for itself."""
    return create_async_engine(DATABASE_URL)


# --8<-- [end:worker]


async def request(engine: AsyncEngine) -> None:
    async with engine.connect() as connection:
        await connection.execute(text("SELECT pg_sleep(0.1)"))


# --8<-- [start:requests]
async def busy(workers: list[AsyncEngine]) -> None:
    requests = [request(engine) for engine in workers for _ in range(8)]
    done = await asyncio.gather(*requests, return_exceptions=True)
    for refused in done:
        if isinstance(refused, BaseException):
            raise refused.with_traceback(None)
    print(f"{len(done)} requests answered")


# --8<-- [end:requests]


async def main() -> None:
    workers = [worker(), worker()]
    try:
        await busy(workers)
    finally:
        for engine in workers:
            await engine.dispose()


if __name__ == "__main__":
    asyncio.run(main())
