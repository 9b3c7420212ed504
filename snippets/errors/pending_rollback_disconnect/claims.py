# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0", "asyncpg", "psycopg[binary]"]
# ///
# drivers: asyncpg, psycopg (SQLite has no connection that could break)
import asyncio
import os
import sys
import traceback
from collections.abc import Awaitable, Callable

from sqlalchemy import inspect, text
from sqlalchemy.exc import DBAPIError, InvalidRequestError, PendingRollbackError
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

DATABASE_URL = os.environ.get("DATABASE_URL") or sys.exit(
    "needs PostgreSQL: DATABASE_URL=postgresql+asyncpg://user:password@localhost/test"
)


class Base(DeclarativeBase):
    pass


class User(Base):
    __tablename__ = "users"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]


async def end_connection_of(session: AsyncSession) -> None:
    server_process = await session.scalar(text("SELECT pg_backend_pid()"))
    other = create_async_engine(DATABASE_URL)
    async with other.connect() as administrator:
        await administrator.execute(text(f"SELECT pg_terminate_backend({server_process}, 5000)"))
    await other.dispose()


async def first_error(session: AsyncSession) -> DBAPIError | None:
    try:
        await session.execute(text("SELECT 1"))
    except DBAPIError as error:
        return error
    return None


async def claim_pre_ping_within(engine: AsyncEngine) -> None:
    """`pool_pre_ping=True` replaces a connection that died in the pool, and does not help if it dies inside a transaction."""
    pinging = create_async_engine(DATABASE_URL, pool_pre_ping=True)
    async with AsyncSession(pinging) as session:
        await end_connection_of(session)
        assert await first_error(session) is not None
        await session.rollback()
        await session.execute(text("SELECT 1"))
        server_process = await session.scalar(text("SELECT pg_backend_pid()"))
        await session.commit()
        async with AsyncSession(engine) as administrator:
            await administrator.execute(text(f"SELECT pg_terminate_backend({server_process}, 5000)"))
        assert await first_error(session) is None
    await pinging.dispose()


async def claim_words(engine: AsyncEngine) -> None:
    """After `pg_terminate_backend()` the first error says `connection is closed` or `connection was closed` on asyncpg, and `terminating connection` on psycopg."""
    async with AsyncSession(engine) as session:
        await end_connection_of(session)
        error = await first_error(session)
        assert error is not None
        words = {"asyncpg": ["connection is closed", "connection was closed"], "psycopg": ["terminating connection"]}
        assert any(word in str(error) for word in words[engine.dialect.driver]), str(error)


async def claim_what_is_lost(engine: AsyncEngine) -> None:
    """After the `rollback()`, rows that were flushed are gone, and objects are expired even with `expire_on_commit=False`."""
    async with AsyncSession(engine, expire_on_commit=False) as session:
        session.add(ada := User(id=1, name="Ada"))
        await session.commit()
        session.add(User(id=2, name="Grace"))
        await session.flush()
        await end_connection_of(session)
        assert await first_error(session) is not None
        await session.rollback()
        assert "name" in inspect(ada).expired_attributes
        assert await session.get(User, 2) is None


async def claim_block_rolls_back(engine: AsyncEngine) -> None:
    """If the error leaves the session's `async with` block, you need no `rollback()`: the next session works."""
    error = None
    try:
        async with AsyncSession(engine) as session:
            await end_connection_of(session)
            await session.execute(text("SELECT 1"))
    except DBAPIError as raised:
        error = raised
    assert error is not None
    async with AsyncSession(engine) as session:
        assert await session.scalar(text("SELECT 1")) == 1


async def claim_begin_block(engine: AsyncEngine) -> None:
    """Inside `async with session.begin():` a `rollback()` is no help: the next statement says `Can't operate on closed transaction`. Let the error leave that block."""
    error = None
    async with AsyncSession(engine) as session, session.begin():
        await end_connection_of(session)
        assert await first_error(session) is not None
        await session.rollback()
        try:
            await session.execute(text("SELECT 1"))
        except InvalidRequestError as raised:
            error = raised
    assert "Can't operate on closed transaction" in str(error)


async def claim_wait_for(engine: AsyncEngine) -> None:
    """`asyncio.wait_for()` around a query does the same as `asyncio.timeout()`. If the time is over while no query runs, the session stays usable."""
    async with AsyncSession(engine) as session:
        await session.execute(text("SELECT 1"))
        timed_out = 0
        try:
            await asyncio.wait_for(asyncio.Event().wait(), 0.01)
        except TimeoutError:
            timed_out += 1
        assert await first_error(session) is None
        try:
            await asyncio.wait_for(session.execute(text("SELECT pg_sleep(10)")), 0.05)
        except TimeoutError:
            timed_out += 1
        assert timed_out == 2
        error = None
        try:
            await session.execute(text("SELECT 1"))
        except PendingRollbackError as raised:
            error = raised
        assert "Can't reconnect until invalid transaction is rolled back" in str(error)


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
