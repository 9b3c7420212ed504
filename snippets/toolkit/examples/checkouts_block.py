# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0", "aiosqlite", "asyncpg", "psycopg[binary]"]
# ///
import asyncio
import os

from checkouts import Checkouts
from sqlalchemy.ext.asyncio import create_async_engine
from sqlalchemy.pool import AsyncAdaptedQueuePool

DATABASE_URL = os.environ.get("DATABASE_URL", "sqlite+aiosqlite:///greenlit.db")

engine = create_async_engine(DATABASE_URL)


# --8<-- [start:block]
async def before_in_and_after() -> None:
    pool = engine.pool
    assert isinstance(pool, AsyncAdaptedQueuePool)
    before = await engine.connect()
    with Checkouts() as checkouts:
        inside = await engine.connect()
        print(len(checkouts.out), pool.checkedout())
        #> 1 2
    after = await engine.connect()
    print(len(checkouts.out), pool.checkedout())
    #> 1 3
    for connection in before, inside, after:
        await connection.close()
    print(len(checkouts.out), pool.checkedout())
    #> 0 0


# --8<-- [end:block]


async def main() -> None:
    await before_in_and_after()
    await engine.dispose()


if __name__ == "__main__":
    asyncio.run(main())
