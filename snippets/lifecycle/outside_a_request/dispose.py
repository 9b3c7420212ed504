# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0", "aiosqlite", "asyncpg", "psycopg[binary]"]
# ///
import asyncio
import os

from sqlalchemy import Pool, text
from sqlalchemy.ext.asyncio import create_async_engine

DATABASE_URL = os.environ.get("DATABASE_URL", "sqlite+aiosqlite:///greenlit.db")


def state(pool: Pool) -> str:
    return f"{pool.checkedin()} in the pool, {pool.checkedout()} in use"  # type: ignore[attr-defined]


async def main() -> None:
    engine = create_async_engine(DATABASE_URL)
    # --8<-- [start:dispose]
    async with engine.connect() as in_use:
        await in_use.execute(text("SELECT 1"))
        async with engine.connect() as another:
            await another.execute(text("SELECT 2"))
        old_pool = engine.pool
        print("before:", state(old_pool))
        #> before: 1 in the pool, 1 in use

        await engine.dispose()
        print("old pool:", state(old_pool))
        #> old pool: 0 in the pool, 0 in use
        print("new pool:", state(engine.pool))
        #> new pool: 0 in the pool, 0 in use
        await in_use.execute(text("SELECT 3"))

    print("returned to the old pool:", state(old_pool))
    #> returned to the old pool: 1 in the pool, -1 in use
    async with engine.connect() as connection:
        await connection.execute(text("SELECT 4"))
    print("new pool:", state(engine.pool))
    #> new pool: 1 in the pool, 0 in use
    # --8<-- [end:dispose]
    async with engine.connect() as connection:  # The old pool is nobody's: close what is in it.
        await connection.run_sync(lambda _: old_pool.dispose())
    await engine.dispose()


if __name__ == "__main__":
    asyncio.run(main())
