# /// script
# requires-python = ">=3.11"
# dependencies = [
#     "sqlalchemy[asyncio]>=2.0.38", "aiosqlite", "asyncpg", "psycopg[binary]", "prometheus-client",
# ]
# ///
import asyncio
import os
import time
from typing import Any

from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest
from sqlalchemy import event
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.ext.asyncio import create_async_engine
from sqlalchemy.pool import AsyncAdaptedQueuePool, PoolProxiedConnection

DATABASE_URL = os.environ.get("DATABASE_URL", "sqlite+aiosqlite:///greenlit.db")


# --8<-- [start:metrics]
registry = CollectorRegistry()
seconds = (1.5, 10)  # Your own: from milliseconds to pool_timeout.
WAIT = Histogram("db_pool_wait_seconds", "Until it is there", buckets=seconds, registry=registry)
HOLD = Histogram("db_pool_hold_seconds", "Until it is back", buckets=seconds, registry=registry)
TIMEOUTS = Counter("db_pool_timeouts", "Waited in vain", registry=registry)
# --8<-- [end:metrics]


# --8<-- [start:wait]
class MeasuredPool(AsyncAdaptedQueuePool):
    def connect(self) -> PoolProxiedConnection:
        with WAIT.time():
            try:
                return super().connect()
            except PoolTimeout:
                TIMEOUTS.inc()
                raise


engine = create_async_engine(
    DATABASE_URL, poolclass=MeasuredPool, pool_size=1, max_overflow=0, pool_timeout=3
)
# --8<-- [end:wait]


# --8<-- [start:hold]
@event.listens_for(engine.sync_engine, "checkout")
def on_checkout(_connection: Any, record: Any, _proxy: Any) -> None:
    record.info["since"] = time.perf_counter()


@event.listens_for(engine.sync_engine, "checkin")
def on_checkin(_connection: Any, record: Any) -> None:
    since = record.info.pop("since", None)
    if since is not None:  # Otherwise a reconnect failed.
        HOLD.observe(time.perf_counter() - since)


# --8<-- [end:hold]


# --8<-- [start:requests]
async def request(works_for: float) -> None:
    async with engine.connect():
        await asyncio.sleep(works_for)


async def main() -> None:
    await request(0)
    slow = asyncio.create_task(request(4))
    await asyncio.gather(slow, request(0), return_exceptions=True)
    # --8<-- [end:requests]
    # --8<-- [start:exposed]
    for line in generate_latest(registry).decode().splitlines():
        if "_bucket" in line or line.startswith("db_pool_timeouts_total"):
            print(line)
            #> db_pool_wait_seconds_bucket{le="1.5"} 2.0
            #> db_pool_wait_seconds_bucket{le="10.0"} 3.0
            #> db_pool_wait_seconds_bucket{le="+Inf"} 3.0
            #> db_pool_hold_seconds_bucket{le="1.5"} 1.0
            #> db_pool_hold_seconds_bucket{le="10.0"} 2.0
            #> db_pool_hold_seconds_bucket{le="+Inf"} 2.0
            #> db_pool_timeouts_total 1.0
    # --8<-- [end:exposed]
    await engine.dispose()


if __name__ == "__main__":
    asyncio.run(main())
