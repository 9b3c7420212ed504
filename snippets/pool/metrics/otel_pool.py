# /// script
# requires-python = ">=3.11"
# dependencies = [
#     "sqlalchemy[asyncio]>=2.0", "aiosqlite", "asyncpg", "psycopg[binary]", "opentelemetry-sdk",
# ]
# ///
import asyncio
import os
import time
from collections.abc import Iterable

from opentelemetry.metrics import CallbackOptions, Observation
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import InMemoryMetricReader, NumberDataPoint
from sqlalchemy.ext.asyncio import create_async_engine
from sqlalchemy.pool import AsyncAdaptedQueuePool, PoolProxiedConnection, QueuePool

DATABASE_URL = os.environ.get("DATABASE_URL", "sqlite+aiosqlite:///greenlit.db")

reader = InMemoryMetricReader()

# --8<-- [start:instruments]
meter = MeterProvider([reader], shutdown_on_exit=False).get_meter("pool")
wait = meter.create_histogram("db.client.connection.wait_time", unit="s")


class MeasuredPool(AsyncAdaptedQueuePool):
    def connect(self) -> PoolProxiedConnection:
        began = time.perf_counter()
        try:
            return super().connect()
        finally:
            wait.record(time.perf_counter() - began)


engine = create_async_engine(DATABASE_URL, poolclass=MeasuredPool)


def count(_: CallbackOptions) -> Iterable[Observation]:
    pool = engine.pool
    assert isinstance(pool, QueuePool)
    yield Observation(pool.checkedout(), {"db.client.connection.state": "used"})
    yield Observation(pool.checkedin(), {"db.client.connection.state": "idle"})


meter.create_observable_up_down_counter("db.client.connection.count", [count])
# --8<-- [end:instruments]


async def main() -> None:
    # --8<-- [start:read]
    async with engine.connect(), engine.connect():
        pass
    async with engine.connect():
        data = reader.get_metrics_data()
    # --8<-- [end:read]
    await engine.dispose()
    # --8<-- [start:table]
    print("metric | attributes | value")
    #> metric | attributes | value
    for resource in data.resource_metrics if data else ():
        for metric in resource.scope_metrics[0].metrics:
            for point in metric.data.data_points:
                value: object = getattr(point, "count", None)  # Of the histogram.
                if isinstance(point, NumberDataPoint):
                    value = point.value
                print(f"{metric.name} | {dict(point.attributes or {})} | {value}")
                #> db.client.connection.wait_time | {} | 3
                #> db.client.connection.count | {'db.client.connection.state': 'used'} | 1
                #> db.client.connection.count | {'db.client.connection.state': 'idle'} | 1
    # --8<-- [end:table]


if __name__ == "__main__":
    asyncio.run(main())
