# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0", "psycopg[binary]"]
# ///
# drivers: psycopg (the driver that is both, synchronous and asynchronous)
import asyncio
import os
import sys
import warnings

from sqlalchemy import create_engine, make_url, text
from sqlalchemy.exc import MissingGreenlet
from sqlalchemy.ext.asyncio import create_async_engine

DATABASE_URL = os.environ.get("DATABASE_URL") or sys.exit(
    "needs PostgreSQL: DATABASE_URL=postgresql+psycopg://user:password@localhost/test"
)

url = make_url(DATABASE_URL)


# --8<-- [start:both]
def from_a_thread() -> None:
    engine = create_engine(url)
    with engine.connect() as connection:
        print(connection.scalar(text("SELECT 'synchronous'")))
        #> synchronous
    engine.dispose()


async def from_the_loop() -> None:
    engine = create_async_engine(url)
    async with engine.connect() as connection:
        print(await connection.scalar(text("SELECT 'asynchronous'")))
        #> asynchronous
    await engine.dispose()


def by_its_other_name() -> None:
    engine = create_engine(url.set(drivername="postgresql+psycopg_async"))
    try:
        engine.connect()
    except MissingGreenlet as error:
        print(type(error).__name__)
        #> MissingGreenlet


# --8<-- [end:both]


if __name__ == "__main__":
    warnings.filterwarnings("ignore", "coroutine .* was never awaited")
    from_a_thread()
    asyncio.run(from_the_loop())
    by_its_other_name()
