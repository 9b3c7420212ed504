# /// script
# requires-python = ">=3.11"
# dependencies = [
#     "sqlalchemy[asyncio]>=2.0", "aiosqlite", "asyncpg", "psycopg[binary]",
#     "opentelemetry-sdk", "opentelemetry-instrumentation-sqlalchemy",
# ]
# ///
import asyncio
import os
from collections.abc import Callable
from typing import Any

from opentelemetry.instrumentation.dependencies import DependencyConflictError
from opentelemetry.instrumentation.sqlalchemy import SQLAlchemyInstrumentor
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from sqlalchemy import text
from sqlalchemy.ext import asyncio as sqlalchemy_asyncio
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

DATABASE_URL = os.environ.get("DATABASE_URL", "sqlite+aiosqlite:///greenlit.db")

exporter = InMemorySpanExporter()
tracing = TracerProvider()
tracing.add_span_processor(SimpleSpanProcessor(exporter))


# --8<-- [start:ways]
def instrument(**settings: Any) -> None:
    SQLAlchemyInstrumentor().instrument(
        tracer_provider=tracing, skip_dep_check=True, **settings
    )


def told_to_raise() -> AsyncEngine:
    SQLAlchemyInstrumentor().instrument(raise_exception_on_conflict=True)
    return create_async_engine(DATABASE_URL)


def given_async_engine() -> AsyncEngine:
    engine = create_async_engine(DATABASE_URL)
    instrument(engine=engine)
    return engine


def given_sync_engine() -> AsyncEngine:
    engine = create_async_engine(DATABASE_URL)
    instrument(engine=engine.sync_engine)
    return engine


def name_imported_before() -> AsyncEngine:
    instrument()
    return create_async_engine(DATABASE_URL)


def name_looked_up_after() -> AsyncEngine:
    instrument()
    return sqlalchemy_asyncio.create_async_engine(DATABASE_URL)


# --8<-- [end:ways]


async def spans(way: Callable[[], AsyncEngine]) -> str:
    exporter.clear()
    try:
        engine = way()
        async with engine.connect() as connection:
            await connection.execute(text("SELECT 1"))
        await engine.dispose()
        SQLAlchemyInstrumentor().uninstrument()
    except (DependencyConflictError, NotImplementedError) as error:
        SQLAlchemyInstrumentor()._uninstrument()  # type: ignore[no-untyped-call]
        return type(error).__name__
    return ", ".join(span.name.split()[0] for span in exporter.get_finished_spans())


async def main() -> None:
    # --8<-- [start:table]
    print("way | spans of one SELECT")
    #> way | spans of one SELECT
    for way in (
        told_to_raise, given_async_engine, given_sync_engine,
        name_imported_before, name_looked_up_after,
    ):  # fmt: skip
        print(f"{way.__name__} | {await spans(way)}")
        #> told_to_raise | DependencyConflictError
        #> given_async_engine | NotImplementedError
        #> given_sync_engine | connect, SELECT
        #> name_imported_before | connect
        #> name_looked_up_after | connect, SELECT
    # --8<-- [end:table]


if __name__ == "__main__":
    asyncio.run(main())
