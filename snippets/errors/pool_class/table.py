# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0", "aiosqlite", "asyncpg", "psycopg[binary]"]
# ///
import asyncio
import os

from sqlalchemy import pool, text
from sqlalchemy.exc import ArgumentError
from sqlalchemy.ext.asyncio import create_async_engine

DATABASE_URL = os.environ.get("DATABASE_URL", "sqlite+aiosqlite:///greenlit.db")


# --8<-- [start:table]
CLASSES: list[type[pool.Pool]] = [
    pool.AsyncAdaptedQueuePool,
    pool.NullPool,
    pool.StaticPool,
    pool.QueuePool,
    pool.SingletonThreadPool,
    pool.AssertionPool,
]


async def attempt(poolclass: type[pool.Pool]) -> str:
    try:
        engine = create_async_engine(DATABASE_URL, poolclass=poolclass)
    except ArgumentError as error:
        return str(error).partition(" (")[0]
    async with engine.connect() as connection:
        await connection.execute(text("SELECT 1"))
    await engine.dispose()
    return "works"


async def compare() -> None:
    print("poolclass | create_async_engine")
    #> poolclass | create_async_engine
    for poolclass in CLASSES:
        print(f"{poolclass.__name__} | {await attempt(poolclass)}")
        #> AsyncAdaptedQueuePool | works
        #> NullPool | works
        #> StaticPool | works
        #> QueuePool | Pool class QueuePool cannot be used with asyncio engine
        #> SingletonThreadPool | Pool class SingletonThreadPool cannot be used with asyncio engine
        #> AssertionPool | works


# --8<-- [end:table]

if __name__ == "__main__":
    asyncio.run(compare())
