# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0.38", "aiosqlite"]
# ///
# drivers: aiosqlite (it is about SQLite)
import asyncio
import os
import traceback
from collections.abc import Awaitable, Callable
from typing import Any

from sqlalchemy import event, text
from sqlalchemy.exc import OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, create_async_engine
from sqlalchemy.pool import NullPool

DATABASE_URL = os.environ.get("DATABASE_URL", "sqlite+aiosqlite:///greenlit.db")


async def pragma(engine: AsyncEngine, name: str) -> Any:
    async with engine.connect() as connection:
        return await connection.scalar(text(f"PRAGMA {name}"))


async def claim_null_pool_opens_for_each_transaction(engine: AsyncEngine) -> None:
    """With `NullPool`, a session opens the file again for each of its transactions."""
    unpooled, opened = create_async_engine(DATABASE_URL, poolclass=NullPool), []
    event.listen(unpooled.sync_engine, "connect", lambda *_: opened.append(1))
    async with AsyncSession(unpooled) as session:
        for _ in range(3):
            await session.execute(text("SELECT 1"))
            await session.commit()
    assert len(opened) == 3


async def claim_one_database_for_several_connections(engine: AsyncEngine) -> None:
    """With `file::memory:?cache=shared&uri=true`, several connections share one database in memory."""
    shared = create_async_engine("sqlite+aiosqlite:///file::memory:?cache=shared&uri=true")
    try:
        async with shared.connect() as one, shared.connect() as two:
            await one.execute(text("CREATE TABLE shared_notes (id INTEGER)"))
            await one.commit()
            assert await two.scalar(text("SELECT count(*) FROM shared_notes")) == 0
            first, second = await one.get_raw_connection(), await two.get_raw_connection()
            assert first.driver_connection is not second.driver_connection
    finally:
        await shared.dispose()


async def claim_shared_memory_does_not_wait(engine: AsyncEngine) -> None:
    """With `file::memory:?cache=shared`, a reader gets `database table is locked` while another connection writes to the table, in spite of a timeout of 30 seconds."""
    url = "sqlite+aiosqlite:///file::memory:?cache=shared&uri=true"
    shared = create_async_engine(url, connect_args={"timeout": 30})
    error = None
    async with shared.connect() as writing, shared.connect() as reading:
        await writing.execute(text("CREATE TABLE busy_notes (id INTEGER)"))
        await writing.commit()
        await writing.execute(text("INSERT INTO busy_notes VALUES (1)"))
        try:
            async with asyncio.timeout(10):
                await reading.execute(text("SELECT count(*) FROM busy_notes"))
        except OperationalError as raised:
            error = raised
    assert "database table is locked" in str(error)
    await shared.dispose()


async def claim_five_seconds_by_default(engine: AsyncEngine) -> None:
    """By default a connection waits for a lock for 5 seconds; `connect_args={"timeout": 30}` makes it 30."""
    assert await pragma(engine, "busy_timeout") == 5000
    patient = create_async_engine(DATABASE_URL, connect_args={"timeout": 30})
    assert await pragma(patient, "busy_timeout") == 30000
    await patient.dispose()


async def claim_wal_stays_in_the_file(engine: AsyncEngine) -> None:
    """WAL stays in the file for later connections; `busy_timeout` and `foreign_keys` belong to one connection."""
    async with engine.connect() as connection:
        await connection.execute(text("PRAGMA journal_mode = WAL"))
        await connection.execute(text("PRAGMA foreign_keys = ON"))
        await connection.execute(text("PRAGMA busy_timeout = 1"))
    later = create_async_engine(DATABASE_URL)
    assert await pragma(later, "journal_mode") == "wal"
    assert await pragma(later, "foreign_keys") == 0
    assert await pragma(later, "busy_timeout") == 5000
    async with later.connect() as connection:
        await connection.execute(text("PRAGMA journal_mode = DELETE"))
    await later.dispose()


async def claim_nested_in_a_pool_of_one(engine: AsyncEngine) -> None:
    """In a pool of one, a session that is opened inside another, which has read, waits for it until `pool_timeout`."""
    one = create_async_engine(DATABASE_URL, pool_size=1, max_overflow=0, pool_timeout=0.1)
    error = None
    async with AsyncSession(one) as outer:
        await outer.execute(text("SELECT 1"))
        try:
            async with AsyncSession(one) as inner:
                await inner.execute(text("SELECT 1"))
        except PoolTimeout as raised:
            error = raised
    assert "QueuePool limit of size 1 overflow 0 reached" in str(error)
    await one.dispose()


async def claim_a_second_pool(engine: AsyncEngine) -> None:
    """A pool of one does not see a second pool on the same file: `database is locked` comes again."""
    settings: dict[str, Any] = {"pool_size": 1, "max_overflow": 0, "connect_args": {"timeout": 0.1}}
    here, there = create_async_engine(DATABASE_URL, **settings), create_async_engine(DATABASE_URL, **settings)
    error = None
    async with here.connect() as writing, there.connect() as other:
        await writing.execute(text("CREATE TABLE locked_notes (id INTEGER)"))
        await writing.execute(text("INSERT INTO locked_notes VALUES (1)"))
        try:
            await other.execute(text("CREATE TABLE other_notes (id INTEGER)"))
        except OperationalError as raised:
            error = raised
        await writing.rollback()
    assert "database is locked" in str(error)
    await here.dispose()
    await there.dispose()


async def reason_against(claim: Callable[[AsyncEngine], Awaitable[None]]) -> str:
    """Why a claim does not hold here, or nothing."""
    engine = create_async_engine(DATABASE_URL)
    try:
        await claim(engine)
    except Exception as error:
        line = traceback.extract_tb(error.__traceback__)[-1].line
        return f"{type(error).__name__}: {str(error).partition(chr(10))[0] or line}"
    finally:
        await engine.dispose()
    return ""


async def main() -> None:
    for name, claim in list(globals().items()):
        if name.startswith("claim_"):
            sentence, against = " ".join(claim.__doc__.split()), await reason_against(claim)
            print(f"does not hold: {sentence} ({against})" if against else f"holds: {sentence}")


if __name__ == "__main__":
    asyncio.run(main())
