# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0.38", "aiosqlite", "asyncpg", "psycopg[binary]"]
# ///
# also: asyncpg==0.31.*, asyncpg==0.30.*, psycopg==3.2.*
# drivers: asyncpg, psycopg (on SQLite a failed statement does not end the transaction)
import asyncio
import os
import sys
import traceback
from collections.abc import Awaitable, Callable

from sqlalchemy import UniqueConstraint, select, text
from sqlalchemy.exc import DBAPIError, IntegrityError, PendingRollbackError
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

DATABASE_URL = os.environ.get("DATABASE_URL") or sys.exit(
    "needs PostgreSQL: DATABASE_URL=postgresql+asyncpg://user:password@localhost/test"
)


class Base(DeclarativeBase):
    pass


class User(Base):
    __tablename__ = "users"
    __table_args__ = (UniqueConstraint("email", deferrable=True, initially="DEFERRED"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    email: Mapped[str]


async def error_of(awaitable: Awaitable[object]) -> Exception | None:
    try:
        await awaitable
    except Exception as error:
        return error
    return None


async def claim_after_a_failed_flush(engine: AsyncEngine) -> None:
    """After a `flush()` that failed, and before a rollback, the next statement of the session raises PendingRollbackError instead."""
    async with AsyncSession(engine) as session, session.begin():
        session.add(User(id=1, email="ada@x.org"))
    async with AsyncSession(engine) as session:
        session.add(User(id=1, email="bob@x.org"))
        assert isinstance(await error_of(session.flush()), IntegrityError)
        error = await error_of(session.execute(text("SELECT 1")))
        assert isinstance(error, PendingRollbackError)


async def claim_after_a_failed_commit(engine: AsyncEngine) -> None:
    """After a `commit()` that the server refused, because of a deferred constraint, the next statement raises: `This session is in 'prepared' state`."""
    async with AsyncSession(engine) as session:
        session.add_all([User(email="ada@x.org"), User(email="ada@x.org")])
        assert isinstance(await error_of(session.commit()), IntegrityError)
        error = await error_of(session.scalars(select(User)))
        assert "This session is in 'prepared' state" in str(error), str(error)
        await session.rollback()
        assert (await session.scalars(select(User))).all() == []


async def claim_rollback(engine: AsyncEngine) -> None:
    """After `await session.rollback()` the session can be used again; without it, further queries raise this error."""
    async with AsyncSession(engine) as session:
        assert "no_such_table" in str(await error_of(session.execute(text("SELECT * FROM no_such_table"))))
        for _ in range(2):
            error = await error_of(session.execute(text("SELECT 1")))
            assert "current transaction is aborted" in str(error)
        await session.rollback()
        assert await session.scalar(text("SELECT 1")) == 1


async def claim_server_log(engine: AsyncEngine) -> None:
    """PostgreSQL's defaults are `log_min_messages = warning` and `log_min_error_statement = error`: errors are logged with their statements."""
    query = "SELECT boot_val FROM pg_settings WHERE name IN ('log_min_messages', 'log_min_error_statement') ORDER BY name"
    async with engine.connect() as connection:
        assert (await connection.scalars(text(query))).all() == ["error", "warning"]


async def claim_savepoint_around_the_handler(engine: AsyncEngine) -> None:
    """Put the `try` around `begin_nested()`: if the `except` is inside its block, the end of the block raises this error."""

    async def caught_inside(session: AsyncSession) -> None:
        async with session.begin_nested():
            await error_of(session.execute(text("SELECT * FROM no_such_table")))

    async with AsyncSession(engine) as session:
        error = await error_of(caught_inside(session))
        assert isinstance(error, DBAPIError)
        assert "current transaction is aborted" in str(error)


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
