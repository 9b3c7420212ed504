# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0", "aiosqlite", "asyncpg", "psycopg[binary]", "fastapi"]
# ///
import asyncio
import gc
import logging
import os
import re
import warnings
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager

from fastapi import FastAPI
from sqlalchemy import text
from sqlalchemy.exc import SAWarning
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker, create_async_engine

DATABASE_URL = os.environ.get("DATABASE_URL", "sqlite+aiosqlite:///greenlit.db")


# --8<-- [start:lifespan]
async def poll(session: AsyncSession) -> None:
    while True:
        await session.execute(text("SELECT 1"))
        await asyncio.sleep(60)


@asynccontextmanager
async def lifespan(app: FastAPI) -> AsyncIterator[None]:
    engine = create_async_engine(DATABASE_URL)
    session = async_sessionmaker(engine)()
    poller = asyncio.create_task(poll(session))
    yield
    poller.cancel()
    await asyncio.gather(poller, return_exceptions=True)
    await session.close()
    await engine.dispose()


# --8<-- [end:lifespan]


async def serve() -> None:
    """Stands for uvicorn: it starts the application, and Ctrl-C ends it."""
    app = FastAPI(lifespan=lifespan)
    async with app.router.lifespan_context(app):
        await asyncio.sleep(0.5)


def collected() -> Iterator[SAWarning]:
    """Collect garbage, as Python does by itself, and see what it complains of."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        logging.disable(logging.ERROR)  # SQLAlchemy also logs what it warns of.
        gc.collect()
        logging.disable(logging.NOTSET)
    for warning in caught:
        if isinstance(complaint := warning.message, SAWarning):
            # psycopg adds what you are connected to.
            complaint.args = (re.sub(r"(INTRANS\]) \(.*?\)", r"\1", str(complaint)),)
            yield complaint


def run_and_exit() -> None:
    # --8<-- [start:exit]
    asyncio.run(serve())
    for warning in collected():
        raise warning
    # --8<-- [end:exit]


if __name__ == "__main__":
    run_and_exit()
