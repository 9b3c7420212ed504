# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0.38", "aiosqlite", "asyncpg", "psycopg[binary]"]
# ///
import asyncio
import os
import traceback
import warnings
from collections.abc import Awaitable, Callable
from contextlib import suppress

from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError, IntegrityError, InvalidRequestError, PendingRollbackError, SAWarning
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, async_sessionmaker, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

DATABASE_URL = os.environ.get("DATABASE_URL", "sqlite+aiosqlite:///greenlit.db")


class Base(DeclarativeBase):
    pass


class Invoice(Base):
    __tablename__ = "invoices"

    id: Mapped[int] = mapped_column(primary_key=True)
    paid: Mapped[bool] = mapped_column(default=False)


async def refusal(session: AsyncSession) -> str:
    try:
        await session.begin()
    except InvalidRequestError as raised:
        return str(raised)
    return ""


async def claim_change_begins(engine: AsyncEngine) -> None:
    """`add()`, `delete()` or a change to a loaded object begins it, too, before anything is sent: a `session.begin()`
    after that is refused."""
    async with AsyncSession(engine, expire_on_commit=False) as session:
        invoice = Invoice(id=1)
        session.add(invoice)
        await session.commit()
        session.add(Invoice(id=2))
        assert "already begun" in await refusal(session)
        await session.rollback()
        invoice.paid = True
        assert "already begun" in await refusal(session)
        await session.rollback()
        await session.delete(invoice)
        assert "already begun" in await refusal(session)


async def claim_nested_after_failed_flush(engine: AsyncEngine) -> None:
    """After a failed flush, `begin_nested()` raises `PendingRollbackError`: roll back first."""
    async with AsyncSession(engine) as session:
        session.add(Invoice(id=1))
        await session.commit()
        session.expunge_all()
        session.add(Invoice(id=1))
        with suppress(IntegrityError):
            await session.flush()
        error = None
        try:
            await session.begin_nested()
        except PendingRollbackError as raised:
            error = raised
        assert error is not None
        await session.rollback()
        assert await session.begin_nested()


async def claim_session_factory_commits_nothing(engine: AsyncEngine) -> None:
    """At the default level, leaving `async with session_factory()` without a `commit()` rolls back.
    `async with session_factory.begin()` commits if nothing fails, and rolls back on an exception."""
    session_factory = async_sessionmaker(engine)
    async with session_factory() as session:
        session.add(Invoice(id=1))
        await session.flush()
    async with session_factory.begin() as session:
        session.add(Invoice(id=2))
    with suppress(LookupError):
        async with session_factory.begin() as session:
            session.add(Invoice(id=3))
            await session.flush()
            raise LookupError
    async with session_factory() as session:
        assert list(await session.scalars(select(Invoice.id))) == [2]


async def claim_begin_and_caught_flush(engine: AsyncEngine) -> None:
    """If a flush in the block of `session_factory.begin()` fails outside a savepoint and your code catches the error,
    leaving the block raises nothing and stores nothing."""
    session_factory = async_sessionmaker(engine)
    async with session_factory.begin() as session:
        session.add(Invoice(id=1))
        await session.flush()
        session.expunge_all()
        session.add(Invoice(id=1))
        with suppress(IntegrityError):
            await session.flush()
    async with session_factory() as session:
        assert list(await session.scalars(select(Invoice.id))) == []


async def claim_warning_as_error(engine: AsyncEngine) -> None:
    """If tests turn `SAWarning` into an error, asking for an isolation level after the first statement fails the test."""
    async with AsyncSession(engine) as session:
        await session.execute(text("SELECT 1"))
        error = None
        with warnings.catch_warnings():
            warnings.simplefilter("error", SAWarning)
            try:
                await session.connection(execution_options={"isolation_level": "SERIALIZABLE"})
            except SAWarning as raised:
                error = raised
        assert "execution_options ignored" in str(error)


async def claim_shares_the_pool(engine: AsyncEngine) -> None:
    """An engine made with `engine.execution_options(isolation_level=…)` has the pool of the first."""
    assert engine.execution_options(isolation_level="SERIALIZABLE").pool is engine.pool


async def claim_level_ends_with_the_transaction(engine: AsyncEngine) -> None:
    """The level is the connection's default again in the next transaction of the same session."""
    async with AsyncSession(engine) as session:
        default = await (await session.connection()).get_isolation_level()
        await session.rollback()
        options = {"isolation_level": "SERIALIZABLE" if default != "SERIALIZABLE" else "READ UNCOMMITTED"}
        connection = await session.connection(execution_options=options)
        assert await connection.get_isolation_level() != default
        await session.commit()
        assert await (await session.connection()).get_isolation_level() == default


async def claim_autocommit_flush(engine: AsyncEngine) -> None:
    """At the level `AUTOCOMMIT`, a `rollback()` does not undo what a flush has sent, and a flush that fails can leave
    a part stored."""
    autocommit = engine.execution_options(isolation_level="AUTOCOMMIT")
    async with AsyncSession(autocommit) as session:
        session.add_all([Invoice(id=1), Invoice(id=2)])
        await session.flush()
        await session.rollback()
        invoice = await session.get_one(Invoice, 1)
        invoice.paid = True
        session.add(Invoice(id=2))
        with suppress(IntegrityError):
            await session.flush()
        await session.rollback()
        assert list(await session.scalars(select(Invoice.paid).order_by(Invoice.id))) == [True, False]


async def claim_read_only(engine: AsyncEngine) -> None:
    """With `postgresql_readonly=True`, an `INSERT` into one of your tables is refused."""
    async with AsyncSession(engine) as session:
        await session.connection(execution_options={"postgresql_readonly": True})
        session.add(Invoice(id=1))
        error = None
        try:
            await session.flush()
        except DBAPIError as raised:
            error = raised
        assert error is not None, "the row was inserted"


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
