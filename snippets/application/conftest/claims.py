# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0.38", "aiosqlite", "asyncpg", "psycopg[binary]"]
# ///
import asyncio
import os
import traceback
import warnings
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

from sqlalchemy import event, func, select
from sqlalchemy.exc import DBAPIError, PendingRollbackError
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, async_sessionmaker, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

DATABASE_URL = os.environ.get("DATABASE_URL", "sqlite+aiosqlite:///greenlit.db")


class Base(DeclarativeBase):
    pass


class Order(Base):
    __tablename__ = "orders"

    id: Mapped[int] = mapped_column(primary_key=True)


@asynccontextmanager
async def transaction_of_a_test() -> AsyncIterator[async_sessionmaker[AsyncSession]]:
    """The factory for the sessions of a test, as the fixtures `connection` and `client` make it."""
    engine = create_async_engine(DATABASE_URL)
    if engine.dialect.name == "sqlite":
        event.listen(engine.sync_engine, "connect", no_transactions_of_the_driver)
        event.listen(engine.sync_engine, "begin", begin)
    async with engine.connect() as connection:
        transaction = await connection.begin()
        yield async_sessionmaker(connection, join_transaction_mode="create_savepoint")
        await transaction.rollback()
    await engine.dispose()


def no_transactions_of_the_driver(dbapi_connection: Any, record: Any) -> None:
    dbapi_connection.isolation_level = None


def begin(connection: Any) -> None:
    connection.exec_driver_sql("BEGIN")


async def claim_at_once(engine: AsyncEngine) -> None:
    """If two requests overlap, the first commit releases both savepoints: the second request fails, and each later request of the test raises `PendingRollbackError`."""
    second_fails = later_fails = None
    async with transaction_of_a_test() as sessions:
        async with sessions() as first, sessions() as second:
            await first.execute(select(1))
            await second.execute(select(1))
            with warnings.catch_warnings(action="ignore"):
                await first.commit()
            try:
                await second.commit()
            except DBAPIError as error:
                second_fails = error
        try:
            async with sessions() as later:
                await later.execute(select(1))
        except PendingRollbackError as error:
            later_fails = error
    assert second_fails is not None
    assert "savepoint" in str(second_fails.orig)
    assert later_fails is not None


async def claim_now(engine: AsyncEngine) -> None:
    """In all requests of a test, `func.now()` has the same value: the time at which the transaction of the test began."""
    found = []
    async with transaction_of_a_test() as sessions:
        for _ in range(2):
            async with sessions() as session:
                found.append(await session.scalar(select(func.now())))
                await session.commit()
            await asyncio.sleep(1.1)
    assert found[0] == found[1], "it is the time of the statement"


async def claim_ids(engine: AsyncEngine) -> None:
    """The rollback does not take back ids: the rows of the next test have higher ones, although the table is empty."""
    ids = []
    for _ in range(2):
        async with transaction_of_a_test() as sessions, sessions() as session:
            assert await session.scalar(select(func.count(Order.id))) == 0
            order = Order()
            session.add(order)
            await session.flush()
            ids.append(order.id)
            await session.commit()
    assert ids[1] > ids[0], "the ids begin at 1 again"


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
