# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0", "asyncpg", "psycopg[binary]"]
# ///
# drivers: asyncpg, psycopg (SQLite has no pooler in front of it)
# needs: pgbouncer
# unrecorded: the ledger of up to 100 connections is long
import asyncio
import os
import sys
from contextlib import AsyncExitStack
from typing import Any
from uuid import uuid4

from sqlalchemy.engine import make_url
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

DATABASE_URL = os.environ.get("DATABASE_URL") or sys.exit(
    "needs a PgBouncer in transaction mode: "
    "DATABASE_URL=postgresql+asyncpg://user:password@localhost:6432/test"
)
SETTINGS: dict[str, dict[str, Any]] = {
    "asyncpg": {"statement_cache_size": 0, "prepared_statement_name_func": lambda: f"__{uuid4()}__"},
    "psycopg": {"prepare_threshold": None},
}
connect_args = SETTINGS[make_url(DATABASE_URL).get_driver_name()]


# --8<-- [start:worker]
def worker() -> AsyncEngine:
    """What each of 8 processes has for itself."""
    return create_async_engine(DATABASE_URL, connect_args=connect_args, pool_size=5, max_overflow=0)


# --8<-- [end:worker]


async def busy(engine: AsyncEngine, requests: AsyncExitStack) -> None:
    """As many requests at once as its pool lets through."""
    for _ in range(engine.pool.size() + engine.pool._max_overflow):  # type: ignore[attr-defined]
        await requests.enter_async_context(engine.connect())


# --8<-- [start:busy]
async def all_busy(workers: list[AsyncEngine]) -> None:
    async with AsyncExitStack() as requests:
        for engine in workers:
            await busy(engine, requests)
        opened = [engine.pool.checkedout() for engine in workers]  # type: ignore[attr-defined]
    print("connections to PgBouncer:", sum(opened))
    #> connections to PgBouncer: 40


# --8<-- [end:busy]


async def main() -> None:
    workers = [worker() for _ in range(8)]
    try:
        await all_busy(workers)
    finally:
        for engine in workers:
            await engine.dispose()


if __name__ == "__main__":
    asyncio.run(main())
