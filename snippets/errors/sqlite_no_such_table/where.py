# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0", "aiosqlite"]
# ///
# drivers: aiosqlite (a database in memory is SQLite's)
import asyncio

from sqlalchemy import text
from sqlalchemy.exc import OperationalError
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine
from sqlalchemy.pool import AsyncAdaptedQueuePool

MEMORY = "sqlite+aiosqlite:///:memory:"
SHARED = "sqlite+aiosqlite:///file::memory:?cache=shared&uri=true"


# --8<-- [start:table]
async def create(engine: AsyncEngine) -> None:
    async with engine.begin() as connection:
        await connection.execute(text("CREATE TABLE orders (id INTEGER PRIMARY KEY)"))


async def look(engine: AsyncEngine) -> str:
    try:
        async with engine.connect() as connection:
            await connection.execute(text("SELECT id FROM orders"))
    except OperationalError as error:
        return str(error.orig)
    return "finds it"


async def compare() -> None:
    print("created in | looked for in | outcome")
    #> created in | looked for in | outcome
    one, other = create_async_engine(MEMORY), create_async_engine(MEMORY)
    await create(one)
    print(f":memory: | the same engine | {await look(one)}")
    #> :memory: | the same engine | finds it
    print(f":memory: | another engine, same URL | {await look(other)}")
    #> :memory: | another engine, same URL | no such table: orders
    await one.dispose()
    print(f":memory: | the same engine after dispose() | {await look(one)}")
    #> :memory: | the same engine after dispose() | no such table: orders
    queue = create_async_engine(MEMORY, poolclass=AsyncAdaptedQueuePool)
    await create(queue)
    async with queue.connect():
        print(f":memory:, queue pool | its second connection | {await look(queue)}")
        #> :memory:, queue pool | its second connection | no such table: orders
    shared, another = create_async_engine(SHARED), create_async_engine(SHARED)
    await create(shared)
    print(f"file::memory:?cache=shared | another engine | {await look(another)}")
    #> file::memory:?cache=shared | another engine | finds it
    for engine in (one, other, queue, shared, another):
        await engine.dispose()


# --8<-- [end:table]

if __name__ == "__main__":
    asyncio.run(compare())
