# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0.38", "aiosqlite"]
# ///
# drivers: aiosqlite (a database in memory is SQLite's)
import asyncio
import os

from sqlalchemy import make_url, text
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

DATABASE_URL = os.environ.get("DATABASE_URL", "sqlite+aiosqlite:///greenlit.db")


# --8<-- [start:engine]
def make_engine(url: str) -> AsyncEngine:
    name = make_url(url).database
    in_memory = url.startswith("sqlite") and name in (None, "", ":memory:")
    pool = {} if in_memory else {"pool_size": 10, "max_overflow": 5}
    return create_async_engine(url, **pool)


# --8<-- [end:engine]


async def main() -> None:
    # --8<-- [start:urls]
    for url in (DATABASE_URL, "sqlite+aiosqlite:///:memory:", "sqlite+aiosqlite://"):
        engine = make_engine(url)
        async with engine.connect() as connection:
            await connection.execute(text("SELECT 1"))
        print(type(engine.pool).__name__)
        #> AsyncAdaptedQueuePool
        #> StaticPool
        #> StaticPool
        await engine.dispose()
    # --8<-- [end:urls]


if __name__ == "__main__":
    asyncio.run(main())
