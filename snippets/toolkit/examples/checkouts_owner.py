# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0", "aiosqlite", "asyncpg", "psycopg[binary]"]
# ///
import asyncio
import os

from checkouts import Checkouts
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession, create_async_engine

DATABASE_URL = os.environ.get("DATABASE_URL", "sqlite+aiosqlite:///greenlit.db")

engine = create_async_engine(DATABASE_URL)


# --8<-- [start:query]
async def query(session: AsyncSession) -> None:
    await session.execute(text("SELECT 1"))


# --8<-- [end:query]


# --8<-- [start:owner]
async def gathers(session: AsyncSession, checkouts: Checkouts) -> None:
    await asyncio.gather(query(session))
    (checkout,) = checkouts.out
    print(checkout.ended, checkout.waiter)
    #> False owner
    print(checkout.now.function)
    #> gathers


# --8<-- [end:owner]


# --8<-- [start:unseen]
async def waits_in_another_way(session: AsyncSession, checkouts: Checkouts) -> None:
    querying = asyncio.create_task(query(session))
    while not querying.done():
        await asyncio.sleep(0.01)
    (checkout,) = checkouts.out
    print(checkout.ended)
    #> True


# --8<-- [end:unseen]


async def main() -> None:
    with Checkouts() as checkouts:
        for owner in gathers, waits_in_another_way:
            async with AsyncSession(engine) as session:
                await asyncio.create_task(owner(session, checkouts), name="owner")
    await engine.dispose()


if __name__ == "__main__":
    asyncio.run(main())
