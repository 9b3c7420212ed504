# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0.38", "asyncpg", "psycopg[binary]"]
# ///
# drivers: asyncpg, psycopg (SQLite has one writer at a time, and no two-phase commit)
import asyncio
import os
import sys
import traceback
from collections.abc import Awaitable, Callable

from sqlalchemy import ForeignKey, select, text
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.exc import DBAPIError, IntegrityError
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column
from sqlalchemy.pool import QueuePool

DATABASE_URL = os.environ.get("DATABASE_URL") or sys.exit(
    "needs PostgreSQL: DATABASE_URL=postgresql+asyncpg://user:password@localhost/test"
)


class Base(DeclarativeBase):
    pass


class Message(Base):
    __tablename__ = "outbox"

    id: Mapped[int] = mapped_column(primary_key=True)
    after_id: Mapped[int | None] = mapped_column(ForeignKey("outbox.id", deferrable=True, initially="DEFERRED"))


class Key(Base):
    __tablename__ = "outbox_keys"

    key: Mapped[str] = mapped_column(primary_key=True)


CLAIM = insert(Key).values(key="k-1").on_conflict_do_nothing().returning(Key.key)


async def waits_for_a_lock(engine: AsyncEngine, session: AsyncSession) -> asyncio.Task[str | None]:
    """Until the session's statement waits in the server."""
    pid = await session.scalar(text("SELECT pg_backend_pid()"))
    waiting = asyncio.create_task(session.scalar(CLAIM))
    async with engine.connect() as observer:
        observer = await observer.execution_options(isolation_level="AUTOCOMMIT")
        query = text("SELECT count(*) FROM pg_stat_activity WHERE pid = :pid AND wait_event_type = 'Lock'")
        while not await observer.scalar(query, {"pid": pid}):
            await asyncio.sleep(0.01)
    return waiting


async def claim_commit_fails(engine: AsyncEngine) -> None:
    """A `flush()` before you publish is not enough: the commit itself can fail, here for a foreign key that is `DEFERRABLE INITIALLY DEFERRED`."""
    flushed, error = False, None
    async with AsyncSession(engine) as session:
        session.add(Message(id=1, after_id=99))
        await session.flush()
        flushed = True
        try:
            await session.commit()
        except IntegrityError as raised:
            error = raised
    assert flushed
    assert error is not None


async def claim_lower_id(engine: AsyncEngine) -> None:
    """A relay that keeps the last id it has read, and asks for `id > last`, misses a row: the transaction with the lower id can commit later."""
    unread = select(Message.id).order_by(Message.id)
    async with AsyncSession(engine) as slow, AsyncSession(engine) as quick, AsyncSession(engine) as relay:
        first, second = Message(), Message()
        slow.add(first)
        await slow.flush()
        quick.add(second)
        await quick.commit()
        seen = list(await relay.scalars(unread))
        await relay.commit()
        await slow.commit()
        later = list(await relay.scalars(unread.where(Message.id > seen[-1])))
        stored = list(await relay.scalars(unread))
    assert seen == [2]
    assert later == []
    assert stored == [1, 2]


async def claim_two_relays(engine: AsyncEngine) -> None:
    """With two relays that use `skip_locked`, the second message can be published first."""
    published: list[int | None] = []
    waiting = select(Message.id).order_by(Message.id).limit(1).with_for_update(skip_locked=True)
    async with AsyncSession(engine) as session:
        session.add_all([Message(id=1), Message(id=2)])
        await session.commit()
    async with AsyncSession(engine) as slow, AsyncSession(engine) as quick:
        first = await slow.scalar(waiting)
        published.append(await quick.scalar(waiting))
        published.append(first)
    assert published == [2, 1]


async def claim_poison(engine: AsyncEngine) -> None:
    """A message that cannot be published stops the relay: it is the oldest row each time, and those behind it wait."""
    published: list[int] = []
    failures = 0

    async def publish(message_id: int) -> None:
        if message_id == 1:
            raise ValueError("the broker refuses this message")
        published.append(message_id)

    async with AsyncSession(engine) as session:
        session.add_all([Message(id=1), Message(id=2)])
        await session.commit()
    oldest = select(Message).order_by(Message.id).limit(1).with_for_update(skip_locked=True)
    for _ in range(3):
        async with AsyncSession(engine) as session:
            message = (await session.scalars(oldest)).one()
            try:
                await publish(message.id)
            except ValueError:
                failures += 1
                continue
            await session.delete(message)
            await session.commit()
    assert failures == 3
    assert published == []


async def claim_holds_a_connection(engine: AsyncEngine) -> None:
    """While the second request waits, it holds a connection of the pool."""
    assert isinstance(engine.pool, QueuePool)
    async with AsyncSession(engine) as first, AsyncSession(engine) as second:
        await first.scalar(CLAIM)
        waiting = await waits_for_a_lock(engine, second)
        held = engine.pool.checkedout()
        await first.commit()
        held_later = engine.pool.checkedout()
        await waiting
    assert (held, held_later) == (2, 1)


async def claim_first_rolls_back(engine: AsyncEngine) -> None:
    """If the first request is rolled back, the key is free. The `INSERT` of the second request, which waited for it, then stores the key."""
    async with AsyncSession(engine) as first, AsyncSession(engine) as second:
        await first.scalar(CLAIM)
        waiting = await waits_for_a_lock(engine, second)
        await first.rollback()
        got = await waiting
    assert got == "k-1"


async def claim_repeatable_read(engine: AsyncEngine) -> None:
    """At `REPEATABLE READ`, the second request gets the SQLSTATE `40001` instead of the stored response."""
    error = None
    repeatable = engine.execution_options(isolation_level="REPEATABLE READ")
    async with AsyncSession(engine) as first, AsyncSession(repeatable) as second:
        await first.scalar(CLAIM)
        waiting = await waits_for_a_lock(engine, second)
        await first.commit()
        try:
            await waiting
        except DBAPIError as raised:
            error = raised
    assert error is not None
    assert getattr(error.orig, "sqlstate", None) == "40001"


async def claim_two_phase(engine: AsyncEngine) -> None:
    """The error of that commit says `prepared transactions are disabled`."""
    error = None
    async with AsyncSession(engine, twophase=True) as session:
        session.add(Message(id=1))
        try:
            await session.commit()
        except Exception as raised:
            error = raised
    assert error is not None
    hidden = "it says that the prepared transaction does not exist" if "does not exist" in str(error) else str(error)
    assert "prepared transactions are disabled" in str(error), hidden


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
