# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0.50", "aiosqlite", "asyncpg", "psycopg[binary]"]
# ///
# leaks: when a connect listener raises, no close event says that the connection was closed
import asyncio
import logging
import os
from collections.abc import Awaitable, Callable
from typing import Any

from sqlalchemy import event, func, select, text
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column
from sqlalchemy.pool import ConnectionPoolEntry

DATABASE_URL = os.environ.get("DATABASE_URL", "sqlite+aiosqlite:///greenlit.db")

logger = logging.getLogger("sqlalchemy.pool")
detached: list[Any] = []


class Base(DeclarativeBase):
    pass


class Order(Base):
    __tablename__ = "orders"

    id: Mapped[int] = mapped_column(primary_key=True)


class OwnSession(Session):
    pass


async def write(engine: AsyncEngine) -> None:
    async with AsyncSession(engine, sync_session_class=OwnSession) as session:
        session.add(Order())
        await session.commit()


async def first_write(engine: AsyncEngine) -> None:
    await engine.dispose()  # An empty pool.
    await write(engine)


async def read(engine: AsyncEngine) -> None:
    async with AsyncSession(engine, sync_session_class=OwnSession) as session:
        await session.scalars(select(Order))
        await session.rollback()


async def fail(engine: AsyncEngine) -> None:
    async with engine.connect() as connection:
        await connection.execute(text("SELECT * FROM nowhere"))


async def invalidate(engine: AsyncEngine) -> None:
    async with engine.connect() as connection:
        await connection.invalidate()


async def invalidate_softly(engine: AsyncEngine) -> None:
    async with engine.connect() as connection:
        (await connection.get_raw_connection()).invalidate(soft=True)


async def detach(engine: AsyncEngine) -> None:
    async with engine.connect() as connection:
        taken = await connection.get_raw_connection()
        detached.append(taken.driver_connection)
        taken.detach()


async def dispose(engine: AsyncEngine) -> None:
    await engine.dispose()


# --8<-- [start:events]
EVENTS: list[tuple[str, Callable[[AsyncEngine], Awaitable[None]]]] = [
    ("do_connect", first_write),
    ("first_connect", first_write),
    ("connect", first_write),
    ("checkout", write),
    ("reset", write),
    ("checkin", write),
    ("invalidate", invalidate),
    ("soft_invalidate", invalidate_softly),
    ("close", invalidate),
    ("close", dispose),
    ("detach", detach),
    ("begin", write),
    ("before_cursor_execute", write),
    ("after_cursor_execute", write),
    ("handle_error", fail),
    ("commit", write),
    ("rollback", read),
    ("do_orm_execute", read),
    ("after_begin", write),
    ("before_flush", write),
    ("after_flush", write),
    ("before_commit", write),
    ("after_commit", write),
    ("after_rollback", read),
]
# --8<-- [end:events]


class Mistake(Exception):
    pass


class Log(logging.Handler):
    """Of the pool: it reports what nobody else is told."""

    lines = 0

    def emit(self, record: logging.LogRecord) -> None:
        self.lines += 1


log = Log()


# --8<-- [start:attempt]
async def attempt(name: str, work: Callable[[AsyncEngine], Awaitable[None]]) -> str:
    """A listener raises once. What does that cost?"""
    engine = await engine_with_two_connections()
    before = await orders()
    heard: list[tuple[Any, ...]] = []

    def listener(*arguments: Any) -> None:
        heard.append(arguments)
        raise Mistake

    log.lines = 0
    target = OwnSession if hasattr(OwnSession.dispatch, name) else engine.sync_engine
    event.listen(target, name, listener)
    try:
        await work(engine)
        caller = "nothing, it is logged" if log.lines else "nothing"
    except Mistake:
        caller = "the exception"
    event.remove(target, name, listener)
    row = "-" if work not in (write, first_write) else "stored" if await orders() > before else "not stored"
    places, opened = await left(engine)
    await close(engine, *heard[0][1:2])
    return f"{name}, in {work.__name__}() | {caller} | {row} | {places} of 2 | {opened}"


# --8<-- [end:attempt]


async def engine_with_two_connections() -> AsyncEngine:
    engine = create_async_engine(DATABASE_URL, pool_size=2, max_overflow=0, pool_timeout=0.1)
    async with engine.connect(), engine.connect():
        return engine


async def orders() -> int:
    engine = create_async_engine(DATABASE_URL)
    async with engine.connect() as connection:
        count = await connection.scalar(select(func.count()).select_from(Order))
    await engine.dispose()
    return count or 0


async def left(engine: AsyncEngine) -> tuple[int, int]:
    """Take two connections: how many can be had, and how many of them are new?"""
    opened: list[object] = []
    taken = []
    event.listen(engine.sync_engine, "connect", lambda connection, _: opened.append(connection))
    for _ in range(2):
        try:
            taken.append(await engine.connect())
        except PoolTimeout:
            break
    for connection in taken:
        await connection.close()
    return len(taken), len(opened)


async def close(engine: AsyncEngine, entry: object = None) -> None:
    if isinstance(entry, ConnectionPoolEntry):  # If the pool has lost it, dispose() does not close it.
        async with engine.connect() as connection:
            await connection.run_sync(lambda _: entry.close())
    await engine.dispose()


async def main() -> None:
    engine = create_async_engine(DATABASE_URL)
    async with engine.begin() as connection:
        await connection.run_sync(Base.metadata.drop_all)
        await connection.run_sync(Base.metadata.create_all)
    await engine.dispose()
    logger.addHandler(log)
    rows = [await attempt(name, work) for name, work in EVENTS]
    logger.removeHandler(log)
    for connection_of_ours in detached:
        await connection_of_ours.close()
    # --8<-- [start:table]
    print("a listener raises in | your code gets | the row is | connections left | of these, new")
    #> a listener raises in | your code gets | the row is | connections left | of these, new
    for row in rows:
        print(row)
        #> do_connect, in first_write() | the exception | not stored | 2 of 2 | 2
        #> first_connect, in first_write() | the exception | not stored | 2 of 2 | 2
        #> connect, in first_write() | the exception | not stored | 2 of 2 | 2
        #> checkout, in write() | the exception | not stored | 2 of 2 | 1
        #> reset, in write() | nothing, it is logged | stored | 2 of 2 | 1
        #> checkin, in write() | the exception | stored | 1 of 2 | 0
        #> invalidate, in invalidate() | the exception | - | 2 of 2 | 1
        #> soft_invalidate, in invalidate_softly() | the exception | - | 2 of 2 | 0
        #> close, in invalidate() | the exception | - | 2 of 2 | 1
        #> close, in dispose() | the exception | - | 1 of 2 | 0
        #> detach, in detach() | the exception | - | 2 of 2 | 1
        #> begin, in write() | the exception | not stored | 2 of 2 | 0
        #> before_cursor_execute, in write() | the exception | not stored | 2 of 2 | 0
        #> after_cursor_execute, in write() | the exception | not stored | 2 of 2 | 0
        #> handle_error, in fail() | the exception | - | 2 of 2 | 0
        #> commit, in write() | the exception | not stored | 2 of 2 | 0
        #> rollback, in read() | the exception | - | 2 of 2 | 0
        #> do_orm_execute, in read() | the exception | - | 2 of 2 | 0
        #> after_begin, in write() | the exception | not stored | 2 of 2 | 0
        #> before_flush, in write() | the exception | not stored | 2 of 2 | 0
        #> after_flush, in write() | the exception | not stored | 2 of 2 | 0
        #> before_commit, in write() | the exception | not stored | 2 of 2 | 0
        #> after_commit, in write() | the exception | stored | 2 of 2 | 0
        #> after_rollback, in read() | the exception | - | 2 of 2 | 0
    # --8<-- [end:table]


if __name__ == "__main__":
    asyncio.run(main())
