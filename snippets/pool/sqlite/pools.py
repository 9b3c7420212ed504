# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0", "aiosqlite"]
# ///
# drivers: aiosqlite (a database in a file or in memory is SQLite's)
import asyncio
import os

from sqlalchemy import text
from sqlalchemy.ext.asyncio import create_async_engine
from sqlalchemy.pool import NullPool

DATABASE_URL = os.environ.get("DATABASE_URL", "sqlite+aiosqlite:///greenlit.db")


# --8<-- [start:table]
ENGINES = {
    "a file": create_async_engine(DATABASE_URL),
    "a file, NullPool": create_async_engine(DATABASE_URL, poolclass=NullPool),
    ":memory:": create_async_engine("sqlite+aiosqlite:///:memory:"),
    "nothing": create_async_engine("sqlite+aiosqlite://"),
    "file::memory:?cache=shared&uri=true": create_async_engine(
        "sqlite+aiosqlite:///file::memory:?cache=shared&uri=true"
    ),
}


async def compare() -> None:
    print("the URL names | pool | two at once are")
    #> the URL names | pool | two at once are
    for name, engine in ENGINES.items():
        async with engine.connect() as one, engine.connect() as other:
            await one.execute(text("SELECT 1"))
            await other.execute(text("SELECT 1"))
            first, second = await one.get_raw_connection(), await other.get_raw_connection()
            same = first.driver_connection is second.driver_connection
        number = "one connection" if same else "two connections"
        print(f"{name} | {type(engine.pool).__name__} | {number}")
        #> a file | AsyncAdaptedQueuePool | two connections
        #> a file, NullPool | NullPool | two connections
        #> :memory: | StaticPool | one connection
        #> nothing | StaticPool | one connection
        #> file::memory:?cache=shared&uri=true | AsyncAdaptedQueuePool | two connections
        await engine.dispose()


# --8<-- [end:table]

if __name__ == "__main__":
    asyncio.run(compare())
