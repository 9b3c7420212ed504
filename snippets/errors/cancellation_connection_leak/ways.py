# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0.38", "aiosqlite", "asyncpg", "psycopg[binary]", "anyio"]
# ///
# also: asyncpg==0.31.*, asyncpg==0.30.*, psycopg==3.2.*
import asyncio
import os
from collections.abc import Callable, Coroutine

import anyio
from sqlalchemy import event, text
from sqlalchemy.ext.asyncio import AsyncSession, create_async_engine

DATABASE_URL = os.environ.get("DATABASE_URL", "sqlite+aiosqlite:///greenlit.db")

Factory = Callable[[], AsyncSession]


# --8<-- [start:ways]
async def except_exception(session_factory: Factory, slow: asyncio.Event) -> None:
    session = session_factory()
    try:
        await work(session, slow)
        await session.close()
    except Exception:
        await session.close()
        raise


async def finally_close(session_factory: Factory, slow: asyncio.Event) -> None:
    session = session_factory()
    try:
        await work(session, slow)
    finally:
        await session.close()


async def finally_rollback(session_factory: Factory, slow: asyncio.Event) -> None:
    session = session_factory()
    try:
        await work(session, slow)
    finally:
        await session.rollback()
        await session.close()


async def async_with(session_factory: Factory, slow: asyncio.Event) -> None:
    async with session_factory() as session:
        await work(session, slow)


# --8<-- [end:ways]
Way = Callable[[Factory, asyncio.Event], Coroutine[None, None, None]]


async def work(session: AsyncSession, slow: asyncio.Event) -> None:
    await session.execute(text("SELECT 1"))
    slow.set()
    await asyncio.sleep(60)


async def task_cancel(way: Way, session_factory: Factory) -> None:
    slow = asyncio.Event()
    task = asyncio.ensure_future(way(session_factory, slow))
    await slow.wait()
    task.cancel()
    await asyncio.wait([task])


async def anyio_scope(way: Way, session_factory: Factory) -> None:
    async with anyio.create_task_group() as group:
        slow = asyncio.Event()
        group.start_soon(way, session_factory, slow)
        await slow.wait()
        group.cancel_scope.cancel()


async def outcome(cancel: Callable[[Way, Factory], Coroutine[None, None, None]], way: Way) -> str:
    engine = create_async_engine(DATABASE_URL, pool_size=1)
    opened: list[AsyncSession] = []
    closed: list[object] = []
    event.listen(engine.sync_engine, "close", lambda *connection: closed.append(connection))

    def session_factory() -> AsyncSession:
        opened.append(AsyncSession(engine))
        return opened[-1]

    await cancel(way, session_factory)
    lost = "Current Checked out connections: 1" in engine.pool.status()
    end = "lost" if lost else "closed" if closed else "kept"
    await opened[0].close()
    await engine.dispose()
    await asyncio.sleep(0.05)  # A socket that was cut off is closed a moment later.
    return end


async def main() -> None:
    # --8<-- [start:table]
    print("the clean-up | task.cancel() | a cancel scope of anyio")
    #> the clean-up | task.cancel() | a cancel scope of anyio
    for way in (except_exception, finally_close, finally_rollback, async_with):
        print(f"{way.__name__} | {await outcome(task_cancel, way)} | {await outcome(anyio_scope, way)}")
        #> except_exception | lost | lost
        #> finally_close | kept | closed
        #> finally_rollback | kept | closed
        #> async_with | kept | kept
    # --8<-- [end:table]


if __name__ == "__main__":
    asyncio.run(main())
