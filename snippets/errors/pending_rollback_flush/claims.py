# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0.38", "aiosqlite", "asyncpg", "psycopg[binary]"]
# ///
import asyncio
import os
import traceback
from collections.abc import Awaitable, Callable

from sqlalchemy import func, select, text
from sqlalchemy.exc import IntegrityError, PendingRollbackError
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

DATABASE_URL = os.environ.get("DATABASE_URL", "sqlite+aiosqlite:///greenlit.db")


class Base(DeclarativeBase):
    pass


class User(Base):
    __tablename__ = "users"

    id: Mapped[int] = mapped_column(primary_key=True)
    email: Mapped[str] = mapped_column(unique=True)


async def fail(session: AsyncSession) -> str:
    """Two rows of the same address, and the error is caught."""
    session.add(User(email="ada@example.org"))
    await session.flush()
    session.add(User(email="ada@example.org"))
    try:
        await session.flush()
    except IntegrityError as error:
        return type(error).__name__
    return ""


async def refuses(call: Callable[[], Awaitable[object]]) -> bool:
    try:
        await call()
    except PendingRollbackError:
        return True
    return False


async def claim_what_is_refused(engine: AsyncEngine) -> None:
    """Until a `rollback()` or `close()`, `execute()`, `get()`, `begin_nested()` and `commit()` all raise this error."""
    async with AsyncSession(engine) as session:
        assert await fail(session) == "IntegrityError"
        assert await refuses(lambda: session.execute(text("SELECT 1")))
        assert await refuses(lambda: session.begin_nested().__aenter__())
        assert await refuses(session.commit)
        await session.rollback()
        assert await session.scalar(select(func.count(User.id))) == 0
        assert await fail(session) == "IntegrityError"
        assert await refuses(lambda: session.get(User, 1))
        await session.close()
        assert await session.scalar(select(func.count(User.id))) == 0


async def claim_read(engine: AsyncEngine) -> None:
    """A read of an object that the session loaded before, for example in a log line of the `except`, raises it too: the failed flush has expired it."""
    async with AsyncSession(engine) as session:
        session.add(User(id=7, email="grace@example.org"))
        await session.commit()
    async with AsyncSession(engine, expire_on_commit=False) as session:
        user = await session.get_one(User, 7)
        assert await fail(session) == "IntegrityError"
        error = None
        try:
            _ = user.email
        except PendingRollbackError as raised:
            error = raised
        assert "previous exception during flush" in str(error)


async def claim_begin_hides_it(engine: AsyncEngine) -> None:
    """If the error is caught inside `async with session.begin()` and no statement follows, the block ends without an exception, and no row is stored."""
    async with AsyncSession(engine) as session:
        async with session.begin():
            assert await fail(session) == "IntegrityError"
        assert await session.scalar(select(func.count(User.id))) == 0


async def claim_failed_statement(engine: AsyncEngine) -> None:
    """A statement that you send with `execute()` and that fails does not put the session into this state: `commit()` raises nothing."""
    async with AsyncSession(engine) as session:
        error = None
        try:
            await session.execute(text("INSERT INTO users (id) VALUES (1)"))
        except IntegrityError as raised:
            error = raised
        assert error is not None
        assert not await refuses(session.commit)


async def claim_lost_at_that_commit(engine: AsyncEngine) -> None:
    """That `commit()` does not store a row that was flushed before the failed statement."""
    async with AsyncSession(engine) as session:
        session.add(User(id=1, email="ada@example.org"))
        await session.flush()
        error = None
        try:
            await session.execute(text("INSERT INTO users (id) VALUES (2)"))
        except IntegrityError as raised:
            error = raised
        assert error is not None
        await session.commit()
        assert await session.scalar(select(func.count(User.id))) == 0, "the row is stored"


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
