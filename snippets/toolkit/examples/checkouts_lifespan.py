# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0", "aiosqlite", "asyncpg", "psycopg[binary]", "fastapi"]
# ///
import asyncio
import os
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from checkouts import Checkout, Checkouts
from fastapi import FastAPI
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession, create_async_engine

DATABASE_URL = os.environ.get("DATABASE_URL", "sqlite+aiosqlite:///greenlit.db")

engine = create_async_engine(DATABASE_URL)
too_long: list[Checkout] = []


# --8<-- [start:lifespan]
@asynccontextmanager
async def lifespan(app: FastAPI) -> AsyncIterator[None]:
    # Without `report` it writes a warning to the log.
    with Checkouts(longer_than=1.0, report=too_long.append):
        yield
    await engine.dispose()


# --8<-- [end:lifespan]


def call_the_model(question: str) -> None:
    while not too_long:  # A slow service.
        time.sleep(0.01)


# --8<-- [start:report]
async def summarise() -> None:
    async with AsyncSession(engine) as session:
        question = await session.scalar(text("SELECT 'Why?'"))
        await asyncio.to_thread(call_the_model, question)
    print(too_long[0].task)
    #> summarise
    print(too_long[0].taken[0].code)
    #> question = await session.scalar(text("SELECT 'Why?'"))
    print(too_long[0].now.code)
    #> await asyncio.to_thread(call_the_model, question)


# --8<-- [end:report]


async def main() -> None:
    async with lifespan(FastAPI()):
        await asyncio.create_task(summarise(), name="summarise")


if __name__ == "__main__":
    asyncio.run(main())
