# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0.38", "aiosqlite"]
# ///
# drivers: aiosqlite (the lock on the whole file is SQLite's)
import asyncio
import os
import traceback
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

from sqlalchemy import Connection, event, func, select, text
from sqlalchemy.exc import OperationalError
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, async_sessionmaker, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column
from sqlalchemy.pool import NullPool

DATABASE_URL = os.environ.get("DATABASE_URL", "sqlite+aiosqlite:///greenlit.db")


class Base(DeclarativeBase):
    pass


class Order(Base):
    __tablename__ = "orders"

    id: Mapped[int] = mapped_column(primary_key=True)


def impatient(engine: AsyncEngine) -> AsyncEngine:
    return create_async_engine(engine.url, connect_args={"timeout": 0.1})


async def beside_a_reader(engine: AsyncEngine, begin: str) -> str:
    """What a writer gets while a session that has only read is open, with a BEGIN of our own."""
    other = create_async_engine(engine.url, connect_args={"timeout": 0.1}, poolclass=NullPool)

    @event.listens_for(other.sync_engine, "connect")
    def leave_begin_to_us(connection: Any, record: object) -> None:
        connection.isolation_level = None

    @event.listens_for(other.sync_engine, "begin")
    def send(connection: Connection) -> None:
        connection.exec_driver_sql(begin)

    async with AsyncSession(other) as reader, AsyncSession(other) as writer:
        await reader.scalar(select(func.count(Order.id)))
        writer.add(Order())
        return await commit_says(writer)


async def commit_says(session: AsyncSession) -> str:
    try:
        await session.commit()
    except OperationalError as error:
        return str(error.orig)
    return "nothing"


async def claim_timeout(engine: AsyncEngine) -> None:
    """`PRAGMA busy_timeout`, the time that a connection waits for the lock, is 5 seconds by default. `connect_args={"timeout": 30}` makes it 30."""
    patient = create_async_engine(engine.url, connect_args={"timeout": 30})
    async with engine.connect() as usual, patient.connect() as longer:
        assert await usual.scalar(text("PRAGMA busy_timeout")) == 5000
        assert await longer.scalar(text("PRAGMA busy_timeout")) == 30000
    await patient.dispose()


async def claim_second_session(engine: AsyncEngine) -> None:
    """If a function flushes an INSERT in one session and then commits another one in a second session, the second one gets `database is locked`."""
    other = impatient(engine)
    async with AsyncSession(other) as outer, AsyncSession(other) as inner:
        outer.add(Order())
        await outer.flush()
        inner.add(Order())
        assert await commit_says(inner) == "database is locked"
    await other.dispose()


async def claim_reading_holds_nothing(engine: AsyncEngine) -> None:
    """In SQLite's default journal mode, an open session that has only read a count does not keep another from writing. With a `BEGIN` of your own it does."""
    other = impatient(engine)
    async with AsyncSession(other) as reader, AsyncSession(other) as writer:
        assert await reader.scalar(select(func.count(Order.id))) == 0
        writer.add(Order())
        assert await commit_says(writer) == "nothing"
    await other.dispose()
    for begin in ("BEGIN", "BEGIN IMMEDIATE"):
        assert await beside_a_reader(engine, begin) == "database is locked"


async def claim_no_begin(engine: AsyncEngine) -> None:
    """Without a `BEGIN` of your own the second write fails too while the first is not committed. After the first one's commit and a `rollback()`, the second session can write."""
    other = impatient(engine)
    async with AsyncSession(other) as ada, AsyncSession(other) as grace:
        for session in (ada, grace):
            assert await session.scalar(select(func.count(Order.id))) == 0
        ada.add(Order())
        await ada.flush()
        grace.add(Order())
        assert await commit_says(grace) == "database is locked"
        await ada.commit()
        await grace.rollback()
        grace.add(Order())
        assert await commit_says(grace) == "nothing"
    await other.dispose()


@asynccontextmanager
async def open_stream(engine: AsyncEngine) -> AsyncIterator[None]:
    """While another session is in the middle of reading."""
    async with AsyncSession(engine) as filling:
        filling.add_all([Order() for _ in range(1000)])
        await filling.commit()
    async with AsyncSession(engine) as reader:
        stream = await reader.stream(select(Order.id))
        await stream.fetchmany(5)
        yield
        await stream.close()


async def stored_by_the_next_commit(engine: AsyncEngine) -> list[int]:
    """On the connections that went back into the pool."""
    async with AsyncSession(engine) as session:
        session.add(Order(id=5001))
        await session.commit()
    await engine.dispose()
    async with AsyncSession(engine) as session:
        stored = list(await session.scalars(select(Order.id).where(Order.id >= 5000)))
    await engine.dispose()
    return stored


async def claim_open_stream(engine: AsyncEngine) -> None:
    """In SQLite's default journal mode, a stream that is not read to its end makes the COMMIT of another connection fail."""
    other = impatient(engine)
    async with open_stream(other), AsyncSession(other) as writer:
        writer.add(Order())
        said = await commit_says(writer)
        await writer.rollback()
    await other.dispose()
    assert said == "database is locked"


async def claim_failed_commit(engine: AsyncEngine) -> None:
    """If a `commit()` fails with this error and no `rollback()` follows, only the end of `async with`, the pooled connection keeps its transaction: the next `commit()` on it stores the row."""
    other = impatient(engine)
    async with open_stream(other), AsyncSession(other) as writer:
        writer.add(Order(id=5000))
        said = await commit_says(writer)
    stored = await stored_by_the_next_commit(other)
    assert said == "database is locked"
    assert stored == [5000, 5001]


async def claim_begin_rolls_back(engine: AsyncEngine) -> None:
    """If the COMMIT of a `session_factory.begin()` block fails with this error, the block rolls back: the next `commit()` does not store its row."""
    other, said = impatient(engine), ""
    async with open_stream(other):
        try:
            async with async_sessionmaker(other).begin() as writer:
                writer.add(Order(id=5000))
        except OperationalError as error:
            said = str(error.orig)
    stored = await stored_by_the_next_commit(other)
    assert said == "database is locked"
    assert stored == [5001]


async def claim_memory(engine: AsyncEngine) -> None:
    """With `:memory:`, all sessions of an engine share one connection: Grace's rollback removes what Ada has flushed, and Ada's commit raises nothing."""
    memory = create_async_engine("sqlite+aiosqlite://")
    async with memory.begin() as connection:
        await connection.run_sync(Base.metadata.create_all)
    async with AsyncSession(memory) as ada, AsyncSession(memory) as grace:
        ada.add(Order())
        await ada.flush()
        await grace.scalar(select(func.count(Order.id)))
        await grace.rollback()
        assert await commit_says(ada) == "nothing"
        assert await ada.scalar(select(func.count(Order.id))) == 0
    await memory.dispose()


async def claim_wal_does_not_wait(engine: AsyncEngine) -> None:
    """While another connection has written and not committed, switching the file with `PRAGMA journal_mode = WAL` raises the error before a timeout of 60 seconds has passed."""
    patient = create_async_engine(engine.url, connect_args={"timeout": 60})
    error = None
    async with AsyncSession(engine) as writer, patient.connect() as switching:
        writer.add(Order())
        await writer.flush()
        try:
            async with asyncio.timeout(30):
                await switching.execute(text("PRAGMA journal_mode = WAL"))
        except OperationalError as raised:
            error = raised
    await patient.dispose()
    assert "database is locked" in str(error)


async def reason_against(claim: Callable[[AsyncEngine], Awaitable[None]]) -> str:
    """Why a claim does not hold here, or nothing."""
    engine = create_async_engine(DATABASE_URL)
    try:
        async with engine.begin() as connection:
            await connection.run_sync(Base.metadata.drop_all)
            await connection.run_sync(Base.metadata.create_all)
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
    engine = create_async_engine(DATABASE_URL)
    async with engine.begin() as connection:
        await connection.run_sync(Base.metadata.drop_all)  # Out of the way of a file that has some of these tables.
    await engine.dispose()


if __name__ == "__main__":
    asyncio.run(main())
