# /// script
# requires-python = ">=3.11"
# dependencies = [
#     "sqlalchemy[asyncio]>=2.0", "aiosqlite", "asyncpg", "psycopg[binary]",
#     "opentelemetry-sdk", "opentelemetry-instrumentation-sqlalchemy",
# ]
# ///
import asyncio
import os

from opentelemetry.instrumentation.sqlalchemy import SQLAlchemyInstrumentor
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import InMemoryMetricReader, NumberDataPoint
from sqlalchemy.ext.asyncio import create_async_engine
from sqlalchemy.pool import QueuePool

DATABASE_URL = os.environ.get("DATABASE_URL", "sqlite+aiosqlite:///greenlit.db")

engine = create_async_engine(DATABASE_URL)
metrics = InMemoryMetricReader()
rows: list[str] = []


def exported() -> dict[object, int | float]:
    data = metrics.get_metrics_data()
    return {
        (point.attributes or {})["state"]: point.value
        for resource in (data.resource_metrics if data else ())
        for scope in resource.scope_metrics
        for metric in scope.metrics
        for point in metric.data.data_points
        if isinstance(point, NumberDataPoint)
    }


def note(moment: str) -> None:
    pool, said = engine.pool, exported()
    assert isinstance(pool, QueuePool)
    there = f"{pool.checkedout()} used, {pool.checkedin()} idle"
    rows.append(f"{moment} | {there} | {said.get('used', 0)} used, {said.get('idle', 0)} idle")


# --8<-- [start:moments]
async def moments() -> None:
    async with engine.connect(), engine.connect():
        pass  # Such as a check at startup. Two lie in the pool.
    SQLAlchemyInstrumentor().instrument(
        engine=engine.sync_engine,
        skip_dep_check=True,
        meter_provider=MeterProvider([metrics], shutdown_on_exit=False),
    )
    note("It begins to watch")
    async with engine.connect():
        note("One is in use")
    note("It is back")
    await engine.dispose()
    note("After dispose()")


# --8<-- [end:moments]


async def main() -> None:
    await moments()
    SQLAlchemyInstrumentor().uninstrument()
    # --8<-- [start:table]
    print("moment | the pool | db.client.connections.usage")
    #> moment | the pool | db.client.connections.usage
    for row in rows:
        print(row)
        #> It begins to watch | 0 used, 2 idle | 0 used, 0 idle
        #> One is in use | 1 used, 1 idle | 1 used, -1 idle
        #> It is back | 0 used, 2 idle | 0 used, 0 idle
        #> After dispose() | 0 used, 0 idle | 0 used, -2 idle
    # --8<-- [end:table]


if __name__ == "__main__":
    asyncio.run(main())
