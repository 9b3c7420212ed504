# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0", "asyncpg", "psycopg[binary]"]
# ///
# drivers: asyncpg, psycopg (SQLite has no isolation levels of this kind)
import asyncio
import os
import sys
import traceback
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

from sqlalchemy import delete, insert, select, text, update
from sqlalchemy.exc import DBAPIError, OperationalError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

DATABASE_URL = os.environ.get("DATABASE_URL") or sys.exit(
    "needs PostgreSQL: DATABASE_URL=postgresql+asyncpg://user:password@localhost/test"
)


class Base(DeclarativeBase):
    pass


class Account(Base):
    __tablename__ = "accounts"

    id: Mapped[int] = mapped_column(primary_key=True)
    balance: Mapped[int]


PAY_IN = update(Account).values(balance=Account.balance + 50)
WITHDRAW = update(Account).values(balance=Account.balance - 10)


@asynccontextmanager
async def reader(engine: AsyncEngine, level: str) -> AsyncIterator[AsyncConnection]:
    """A connection at this level that has read the account."""
    async with engine.begin() as connection:
        await connection.execute(delete(Account))
        await connection.execute(insert(Account).values(id=1, balance=100))
    async with engine.connect() as connection:
        await connection.execution_options(isolation_level=level)
        await connection.execute(select(Account))
        yield connection


async def error_of(work: Awaitable[object]) -> DBAPIError | None:
    try:
        await work
    except DBAPIError as error:
        return error
    return None


async def claim_only_reads(engine: AsyncEngine) -> None:
    """At `REPEATABLE READ` a transaction that only sends plain SELECTs is not refused when another one changes a row that it has read."""
    async with reader(engine, "REPEATABLE READ") as mine:
        async with engine.begin() as other:
            await other.execute(PAY_IN)
        assert await error_of(mine.execute(select(Account))) is None
        assert await error_of(mine.commit()) is None


async def claim_locking_read(engine: AsyncEngine) -> None:
    """At `REPEATABLE READ` a SELECT `with_for_update()` is refused as an UPDATE is, if the row has been changed since the first read."""
    async with reader(engine, "REPEATABLE READ") as mine:
        async with engine.begin() as other:
            await other.execute(PAY_IN)
        error = await error_of(mine.execute(select(Account).with_for_update()))
        assert "could not serialize access due to concurrent update" in str(error)


async def claim_concurrent_delete(engine: AsyncEngine) -> None:
    """If the other transaction has deleted the row that you update, the text says `due to concurrent delete`."""
    async with reader(engine, "REPEATABLE READ") as mine:
        async with engine.begin() as other:
            await other.execute(delete(Account))
        assert "could not serialize access due to concurrent delete" in str(await error_of(mine.execute(WITHDRAW)))


async def claim_operational_error(engine: AsyncEngine) -> None:
    """`except OperationalError` catches it."""
    async with reader(engine, "REPEATABLE READ") as mine:
        async with engine.begin() as other:
            await other.execute(PAY_IN)
        error = await error_of(mine.execute(WITHDRAW))
        assert isinstance(error, OperationalError), f"the class is {type(error).__name__}"


async def claim_one_update(engine: AsyncEngine) -> None:
    """`update(Account).values(balance=Account.balance - 10)` at `READ COMMITTED` is not refused, and both changes count: 100 + 50 - 10."""
    async with reader(engine, "READ COMMITTED") as mine:
        async with engine.begin() as other:
            await other.execute(PAY_IN)
        assert await error_of(mine.execute(WITHDRAW)) is None
        await mine.commit()
        assert await mine.scalar(select(Account.balance)) == 140


async def claim_show_level(engine: AsyncEngine) -> None:
    """On a new connection, `SHOW default_transaction_isolation` shows a level that was set with `ALTER DATABASE`."""
    async with engine.begin() as connection:
        database = f'ALTER DATABASE "{await connection.scalar(text("SELECT current_database()"))}"'
        await connection.execute(text(f"{database} SET default_transaction_isolation = 'serializable'"))
    fresh = create_async_engine(DATABASE_URL)
    async with fresh.begin() as connection:
        shown = await connection.scalar(text("SHOW default_transaction_isolation"))
        await connection.execute(text(f"{database} RESET default_transaction_isolation"))
    await fresh.dispose()
    assert shown == "serializable"


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
