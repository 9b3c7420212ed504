# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0.38", "aiosqlite", "asyncpg", "psycopg[binary]"]
# ///
import asyncio
import os
from typing import Any

from sqlalchemy import event, text
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, create_async_engine
from sqlalchemy.pool import NullPool

DATABASE_URL = os.environ.get("DATABASE_URL", "sqlite+aiosqlite:///greenlit.db")

happened: list[str] = []
rows: list[str] = []


# --8<-- [start:listen]
def listen(engine: AsyncEngine) -> None:
    names = "first_connect connect checkout reset checkin invalidate soft_invalidate close"
    for name in names.split():
        event.listen(engine.sync_engine, name, lambda *_, name=name: happened.append(name))


# --8<-- [end:listen]


def make_engine(**settings: Any) -> AsyncEngine:
    engine = create_async_engine(DATABASE_URL, **settings)
    listen(engine)
    return engine


def note(situation: str) -> None:
    rows.append(f"{situation} | {', '.join(happened) or 'none'}")
    happened.clear()


async def use(engine: AsyncEngine) -> None:
    async with engine.connect():
        pass


# --8<-- [start:situations]
async def ordinary(engine: AsyncEngine) -> None:
    await use(engine)
    note("The first connection of the engine")
    await use(engine)
    note("One that lies in the pool")
    async with AsyncSession(engine) as session:
        await session.execute(text("SELECT 1"))
        await session.commit()
        await session.execute(text("SELECT 1"))
    note("A session with two transactions")
    async with engine.connect() as connection, AsyncSession(connection) as session:
        await session.execute(text("SELECT 1"))
        await session.commit()
        await session.execute(text("SELECT 1"))
    note("The same, bound to one connection")
    async with engine.connect() as connection:
        await connection.invalidate()
    note("invalidate() on it")
    await use(engine)
    note("The next request after that")
    await engine.dispose()
    note("dispose(), with one in the pool")


async def overflow(engine: AsyncEngine) -> None:
    one, two = await engine.connect(), await engine.connect()
    note("Two at once, with pool_size=1")
    try:
        await engine.connect()
    except PoolTimeout:
        note("None is free within pool_timeout")
    await two.close()
    note("The second comes back")
    await one.close()
    note("The first comes back, and the pool is full")
    await engine.dispose()
    happened.clear()


async def again(engine: AsyncEngine, situation: str) -> None:
    await use(engine)
    happened.clear()
    await use(engine)
    note(situation)
    await engine.dispose()
    happened.clear()


# --8<-- [end:situations]


async def main() -> None:
    await ordinary(make_engine())
    await overflow(make_engine(pool_size=1, max_overflow=1, pool_timeout=0.1))
    await again(make_engine(pool_recycle=0), "One older than pool_recycle")
    await again(make_engine(poolclass=NullPool), "With NullPool, each time")
    # --8<-- [start:table]
    print("What happens | events, in this order")
    #> What happens | events, in this order
    for row in rows:
        print(row)
        #> The first connection of the engine | first_connect, connect, checkout, reset, checkin
        #> One that lies in the pool | checkout, reset, checkin
        #> A session with two transactions | checkout, reset, checkin, checkout, reset, checkin
        #> The same, bound to one connection | checkout, reset, checkin
        #> invalidate() on it | checkout, invalidate, close, checkin
        #> The next request after that | connect, checkout, reset, checkin
        #> dispose(), with one in the pool | close
        #> Two at once, with pool_size=1 | first_connect, connect, checkout, connect, checkout
        #> None is free within pool_timeout | none
        #> The second comes back | reset, checkin
        #> The first comes back, and the pool is full | reset, checkin, close
        #> One older than pool_recycle | close, connect, checkout, reset, checkin
        #> With NullPool, each time | connect, checkout, reset, checkin, close
    # --8<-- [end:table]


if __name__ == "__main__":
    asyncio.run(main())
