"""The application. A server runs `create_app`: uvicorn --factory app.main:create_app"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import TypedDict

from fastapi import FastAPI
from prometheus_client import CollectorRegistry, make_asgi_app
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker

from app.database import Database, open_database
from app.errors import handle_errors
from app.observability import (
    ObserveRequests,
    PoolCollector,
    log_as_json,
    log_slow_queries,
    make_histogram,
)
from app.routers import customers, health, orders, products
from app.settings import Settings


class State(TypedDict):
    database: Database
    session_factory: async_sessionmaker[AsyncSession]


def create_app(settings: Settings | None = None) -> FastAPI:
    settings = settings or Settings()
    log_as_json(settings.log_level)
    registry = CollectorRegistry()

    @asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncIterator[State]:
        async with open_database(settings) as database:
            log_slow_queries(database.engine, settings.slow_query_ms)
            registry.register(PoolCollector(database.engine, settings.pool_size))
            yield {"database": database, "session_factory": database.session_factory}

    app = FastAPI(title="Shop", lifespan=lifespan)
    app.add_middleware(ObserveRequests, seconds=make_histogram(registry))
    handle_errors(app)
    for router in (customers.router, health.router, orders.router, products.router):
        app.include_router(router)
    app.mount("/metrics", make_asgi_app(registry))
    return app
