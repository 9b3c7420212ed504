# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0.38", "aiosqlite", "asyncpg", "psycopg[binary]"]
# ///
import asyncio
import os

from sqlalchemy import event
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine
from sqlalchemy.pool import QueuePool

DATABASE_URL = os.environ.get("DATABASE_URL", "sqlite+aiosqlite:///greenlit.db")

rows: list[str] = []
open_now: set[int] = set()


def make_engine(size: int, overflow: int) -> AsyncEngine:
    engine = create_async_engine(DATABASE_URL, pool_size=size, max_overflow=overflow)
    event.listen(engine.sync_engine, "connect", lambda made, _: open_now.add(id(made)))
    event.listen(engine.sync_engine, "close", lambda made, _: open_now.discard(id(made)))
    return engine


engine = make_engine(2, 1)


# --8<-- [start:numbers]
def numbers(engine: AsyncEngine) -> dict[str, int]:
    pool = engine.pool
    assert isinstance(pool, QueuePool)  # NullPool and StaticPool count nothing.
    return {
        "checked out": pool.checkedout(),
        "in the pool": pool.checkedin(),
        "overflow": pool.overflow(),
        "size() + overflow()": pool.size() + pool.overflow(),
    }


# --8<-- [end:numbers]


def note(moment: str, of: AsyncEngine = engine) -> None:
    values = " | ".join(str(number) for number in numbers(of).values())
    rows.append(f"{moment} | {values} | {len(open_now)}")


# --8<-- [start:moments]
async def take() -> AsyncConnection:
    return await engine.connect()


async def moments() -> None:
    note("The engine was made")
    opening = "The first is being opened"
    event.listen(engine.sync_engine, "connect", lambda *_: note(opening), once=True)
    one = await take()
    note("It is in use")
    await one.close()
    note("It is back")
    busy = [await take() for _ in range(3)]
    note("Three are in use")
    waiting = asyncio.create_task(take())
    await asyncio.sleep(0.05)
    note("A fourth request waits")
    await busy[0].close()
    last = await waiting
    note("The first came back, the fourth has it")
    for connection in (busy[1], busy[2], last):
        await connection.close()
    note("All are back")
    one = await take()
    await one.invalidate()
    await one.close()
    note("One was invalidated")
    one = await take()
    await engine.dispose()
    note("dispose(), and one is still out")
    await one.invalidate()  # The old pool would keep it open.
    await one.close()
    endless = make_engine(0, 1)
    async with endless.connect(), endless.connect():
        note("pool_size=0: two are in use", endless)
    await endless.dispose()


# --8<-- [end:moments]


async def main() -> None:
    await moments()
    # --8<-- [start:table]
    print(" | ".join(["pool_size=2, max_overflow=1", *numbers(engine), "open"]))
    #> pool_size=2, max_overflow=1 | checked out | in the pool | overflow | size() + overflow() | open
    for row in rows:
        print(row)
        #> The engine was made | 0 | 0 | -2 | 0 | 0
        #> The first is being opened | 1 | 0 | -1 | 1 | 1
        #> It is in use | 1 | 0 | -1 | 1 | 1
        #> It is back | 0 | 1 | -1 | 1 | 1
        #> Three are in use | 3 | 0 | 1 | 3 | 3
        #> A fourth request waits | 3 | 0 | 1 | 3 | 3
        #> The first came back, the fourth has it | 3 | 0 | 1 | 3 | 3
        #> All are back | 0 | 2 | 0 | 2 | 2
        #> One was invalidated | 0 | 2 | 0 | 2 | 1
        #> dispose(), and one is still out | 0 | 0 | -2 | 0 | 1
        #> pool_size=0: two are in use | 2 | 0 | 0 | 0 | 2
    # --8<-- [end:table]
    # --8<-- [start:status]
    async with engine.connect():
        print(engine.pool.status())
        #> Pool size: 2  Connections in pool: 0 Current Overflow: -1 Current Checked out connections: 1
    # --8<-- [end:status]
    await engine.dispose()


if __name__ == "__main__":
    asyncio.run(main())
