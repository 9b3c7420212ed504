# /// script
# requires-python = ">=3.11"
# dependencies = [
#     "sqlalchemy[asyncio]>=2.0", "aiosqlite", "asyncpg", "psycopg[binary]",
#     "opentelemetry-sdk", "opentelemetry-instrumentation-sqlalchemy",
# ]
# ///
# silent: no span and no metric, one line in the log says why
import asyncio
import os

from opentelemetry.instrumentation.sqlalchemy import SQLAlchemyInstrumentor
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import InMemoryMetricReader, NumberDataPoint
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession, create_async_engine

DATABASE_URL = os.environ.get("DATABASE_URL", "sqlite+aiosqlite:///greenlit.db")

engine = create_async_engine(DATABASE_URL, pool_logging_name="orders")
spans, metrics = InMemorySpanExporter(), InMemoryMetricReader()


# --8<-- [start:instrument]
def instrument() -> None:
    tracing = TracerProvider()
    tracing.add_span_processor(SimpleSpanProcessor(spans))  # Yours: a batch, sent by OTLP.
    SQLAlchemyInstrumentor().instrument(
        engine=engine.sync_engine,
        tracer_provider=tracing,
        meter_provider=MeterProvider([metrics], shutdown_on_exit=False),
    )


# --8<-- [end:instrument]


def numbers() -> list[str]:
    data = metrics.get_metrics_data()
    return [
        f"{metric.name} {dict(point.attributes or {})} = {point.value}"
        for resource in (data.resource_metrics if data else ())
        for scope in resource.scope_metrics
        for metric in scope.metrics
        for point in metric.data.data_points
        if isinstance(point, NumberDataPoint)
    ]


async def main() -> None:
    try:
        instrument()
        # --8<-- [start:session]
        async with AsyncSession(engine) as session:
            await session.execute(text("SELECT 1"))
            while_it_is_open = numbers()
        print([span.name.split()[0] for span in spans.get_finished_spans()])
        #> []
        for number in while_it_is_open:
            print(number)
        # --8<-- [end:session]
    finally:
        SQLAlchemyInstrumentor().uninstrument()
        await engine.dispose()


if __name__ == "__main__":
    asyncio.run(main())
