# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0.38", "aiosqlite", "asyncpg", "psycopg[binary]"]
# ///
import asyncio
import os

from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.ext.asyncio import create_async_engine

DATABASE_URL = os.environ.get("DATABASE_URL", "sqlite+aiosqlite:///greenlit.db")


async def main() -> None:
    # --8<-- [start:overflow]
    engine = create_async_engine(DATABASE_URL, pool_size=1, max_overflow=1, pool_timeout=0.1)
    first = await engine.connect()
    second = await engine.connect()
    try:
        await engine.connect()
    except PoolTimeout as error:
        print(str(error).partition(" (")[0])
        #> QueuePool limit of size 1 overflow 1 reached, connection timed out, timeout 0.10
    await second.close()
    await first.close()
    # --8<-- [end:overflow]
    await engine.dispose()


if __name__ == "__main__":
    asyncio.run(main())
