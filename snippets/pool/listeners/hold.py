# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0", "asyncpg", "psycopg[binary]"]
# ///
# drivers: asyncpg, psycopg (SQLite has no server that could refuse connections)
# needs: server
import asyncio
import os
import sys
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from sqlalchemy import event, make_url, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import create_async_engine
from sqlalchemy.pool import QueuePool

DATABASE_URL = os.environ.get("DATABASE_URL") or sys.exit(
    "needs a PostgreSQL of its own with 12 connections: "
    "DATABASE_URL=postgresql+asyncpg://user:password@localhost/test"
)

URL = make_url(DATABASE_URL)
engine = create_async_engine(
    URL, pool_size=2, max_overflow=0, pool_timeout=0.5, pool_pre_ping=True
)
held: list[float] = []


# --8<-- [start:listen]
@event.listens_for(engine.sync_engine, "checkout")
def on_checkout(_connection: Any, record: Any, _proxy: Any) -> None:
    record.info["since"] = time.perf_counter()


@event.listens_for(engine.sync_engine, "checkin")
def on_checkin(_connection: Any, record: Any) -> None:
    since = record.info.pop("since", None)
    if since is not None:  # Otherwise a reconnect failed.
        held.append(time.perf_counter() - since)


# --8<-- [end:listen]


# --8<-- [start:outage]
@asynccontextmanager
async def outage() -> AsyncIterator[None]:
    """The database ends every connection and accepts no new one, as in a restart."""
    elsewhere = create_async_engine(URL.set(database="template1"), isolation_level="AUTOCOMMIT")
    async with elsewhere.connect() as admin:
        await admin.execute(text(f"ALTER DATABASE {URL.database} ALLOW_CONNECTIONS false"))
        end = "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE datname = "
        await admin.execute(text(f"{end} '{URL.database}'"))
        for _ in range(10):
            await asyncio.sleep(0)  # The driver reads that its connections have ended.
        try:
            yield
        finally:
            await admin.execute(text(f"ALTER DATABASE {URL.database} ALLOW_CONNECTIONS true"))
    await elsewhere.dispose()


# --8<-- [end:outage]


def out() -> str:
    assert isinstance(engine.pool, QueuePool)
    return f"{engine.pool.checkedout()} of 2 are out"


# --8<-- [start:requests]
async def request() -> str:
    try:
        async with engine.connect():
            return "answered"
    except DBAPIError:
        return "refused"
    except Exception as error:
        return type(error).__name__


async def main() -> None:
    try:
        async with engine.connect(), engine.connect():
            pass  # Now two connections lie in the pool.
        async with outage():
            for _ in range(3):
                print(f"{await request()}: {out()}")
                #> refused: 0 of 2 are out
                #> refused: 0 of 2 are out
                #> refused: 0 of 2 are out
        async with engine.connect():
            print(f"the outage is over: {out()}")
            #> the outage is over: 1 of 2 are out
        # --8<-- [end:requests]
    finally:
        await engine.dispose()


if __name__ == "__main__":
    asyncio.run(main())
