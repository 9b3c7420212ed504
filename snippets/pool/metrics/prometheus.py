# /// script
# requires-python = ">=3.11"
# dependencies = [
#     "sqlalchemy[asyncio]>=2.0.38", "aiosqlite", "asyncpg", "psycopg[binary]", "prometheus-client",
#     "fastapi", "httpx",
# ]
# ///
import asyncio
import os
from collections.abc import Iterator

import httpx
from fastapi import FastAPI
from prometheus_client import CollectorRegistry, make_asgi_app
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine
from sqlalchemy.pool import QueuePool

DATABASE_URL = os.environ.get("DATABASE_URL", "sqlite+aiosqlite:///greenlit.db")

POOL_SIZE, MAX_OVERFLOW = 2, 1


# --8<-- [start:collector]
class PoolCollector(Collector):
    def __init__(self, engine: AsyncEngine, limit: int) -> None:
        self.engine, self.limit = engine, limit

    def collect(self) -> Iterator[GaugeMetricFamily]:
        pool = self.engine.pool  # Ask each time: dispose() makes a new one.
        assert isinstance(pool, QueuePool)
        now = GaugeMetricFamily("db_pool_connections", "Open connections", labels=["state"])
        now.add_metric(["used"], pool.checkedout())
        now.add_metric(["idle"], pool.checkedin())
        yield now
        yield GaugeMetricFamily("db_pool_limit", "pool_size + max_overflow", value=self.limit)


# --8<-- [end:collector]

# --8<-- [start:app]
engine = create_async_engine(DATABASE_URL, pool_size=POOL_SIZE, max_overflow=MAX_OVERFLOW)
registry = CollectorRegistry()
registry.register(PoolCollector(engine, limit=POOL_SIZE + MAX_OVERFLOW))

app = FastAPI()
app.mount("/metrics", make_asgi_app(registry))
# --8<-- [end:app]


async def main() -> None:
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url="http://shop") as client:
        # --8<-- [start:scrape]
        async with engine.connect():
            async with engine.connect():
                pass
            scraped = await client.get("/metrics/")
        print(scraped.text)
        """
        # HELP db_pool_connections Open connections
        # TYPE db_pool_connections gauge
        db_pool_connections{state="used"} 1.0
        db_pool_connections{state="idle"} 1.0
        # HELP db_pool_limit pool_size + max_overflow
        # TYPE db_pool_limit gauge
        db_pool_limit 3.0
        """
        # --8<-- [end:scrape]
    await engine.dispose()


if __name__ == "__main__":
    asyncio.run(main())
