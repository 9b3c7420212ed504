# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0.38", "aiosqlite", "asyncpg", "psycopg[binary]"]
# ///
import asyncio
import os
import traceback
from collections.abc import Awaitable, Callable

from sqlalchemy import text
from sqlalchemy.exc import IntegrityError, InvalidRequestError, PendingRollbackError
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, async_sessionmaker, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

DATABASE_URL = os.environ.get("DATABASE_URL", "sqlite+aiosqlite:///greenlit.db")


class Base(DeclarativeBase):
    pass


class Note(Base):
    __tablename__ = "notes"

    id: Mapped[int] = mapped_column(primary_key=True)


async def claim_add_begins(engine: AsyncEngine) -> None:
    """`add()` begins a transaction too, before anything is sent: `session.begin()` after it raises this error."""
    error = ""
    async with AsyncSession(engine) as session:
        session.add(Note(id=1))
        assert session.in_transaction()
        try:
            await session.begin()
        except InvalidRequestError as raised:
            error = str(raised)
    assert error == "A transaction is already begun on this Session."


async def claim_commit_in_the_middle(engine: AsyncEngine) -> None:
    """Inside `session_factory.begin()`, a `commit()` goes through. The query after it is what raises an error."""
    error = ""
    try:
        async with async_sessionmaker(engine).begin() as session:
            session.add(Note(id=1))
            await session.commit()
            await session.execute(text("SELECT 1"))
    except InvalidRequestError as raised:
        error = str(raised)
    assert "Can't operate on closed transaction inside context manager" in error
    async with AsyncSession(engine) as session:
        assert await session.get(Note, 1) is not None


async def claim_savepoint(engine: AsyncEngine) -> None:
    """`begin_nested()` works with and without an open transaction. After a flush that failed outside a savepoint, and no `rollback()`, it raises `PendingRollbackError`."""
    async with AsyncSession(engine) as session:
        async with session.begin_nested():
            session.add(Note(id=1))
        async with session.begin_nested():
            assert await session.get(Note, 1) is not None
        session.expunge_all()
        session.add(Note(id=1))
        errors: list[Exception] = []
        for flush in (session.flush, session.begin_nested):
            try:
                await flush()
            except (IntegrityError, PendingRollbackError) as raised:
                errors.append(raised)
        assert [type(error) for error in errors] == [IntegrityError, PendingRollbackError]


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
