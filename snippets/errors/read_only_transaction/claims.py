# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0.38", "asyncpg", "psycopg[binary]"]
# ///
# drivers: asyncpg, psycopg (SQLite has no read-only transaction)
import asyncio
import os
import sys
import traceback
from collections.abc import Awaitable, Callable

from sqlalchemy import insert, select, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

DATABASE_URL = os.environ.get("DATABASE_URL") or sys.exit(
    "needs PostgreSQL: DATABASE_URL=postgresql+asyncpg://user:password@localhost/test"
)
READ_ONLY = text("SET SESSION CHARACTERISTICS AS TRANSACTION READ ONLY")


class Base(DeclarativeBase):
    pass


class Order(Base):
    __tablename__ = "orders"

    id: Mapped[int] = mapped_column(primary_key=True)


async def outcome(connection: AsyncConnection, number: int) -> str:
    """What an INSERT says, in a transaction of its own or in the one that is open."""
    try:
        await connection.execute(insert(Order).values(id=number))
        await connection.commit()
    except DBAPIError as error:
        await connection.rollback()
        return str(error.orig)
    return "stored"


async def claim_the_next_transaction(engine: AsyncEngine) -> None:
    """`SET SESSION CHARACTERISTICS` leaves its own transaction as it is. The next one on that connection is read-only."""
    async with engine.connect() as connection:
        await connection.execute(READ_ONLY)
        assert await outcome(connection, 1) == "stored"
        assert "cannot execute INSERT in a read-only transaction" in await outcome(connection, 2)


async def claim_rolled_back(engine: AsyncEngine) -> None:
    """If the transaction of that `SET` is rolled back, the setting is undone."""
    async with engine.connect() as connection:
        await connection.execute(READ_ONLY)
        await connection.rollback()
        assert await outcome(connection, 1) == "stored"


async def claim_read_write(engine: AsyncEngine) -> None:
    """On a primary, `SET TRANSACTION READ WRITE` as the first statement overrides `default_transaction_read_only` for one
    transaction."""
    async with engine.connect() as connection:
        await connection.execute(READ_ONLY)
        await connection.commit()
        await connection.execute(text("SET TRANSACTION READ WRITE"))
        assert await outcome(connection, 1) == "stored"
        assert "read-only transaction" in await outcome(connection, 2)


async def claim_read_write_later(engine: AsyncEngine) -> None:
    """After a query, it comes too late."""
    async with engine.connect() as connection:
        await connection.execute(READ_ONLY)
        await connection.commit()
        await connection.scalar(select(Order.id))
        error = None
        try:
            await connection.execute(text("SET TRANSACTION READ WRITE"))
        except DBAPIError as raised:
            error = raised
        assert "must be set before any query" in str(error)


async def claim_readonly_false(engine: AsyncEngine) -> None:
    """`postgresql_readonly=False` overrides `default_transaction_read_only`, too."""
    async with engine.connect() as connection:
        await connection.execute(READ_ONLY)
        await connection.commit()
        await connection.execution_options(postgresql_readonly=False)
        assert await outcome(connection, 1) == "stored", "the INSERT was refused"


async def claim_sqlstate(engine: AsyncEngine) -> None:
    """`error.orig.sqlstate` is `25006`."""
    error = None
    async with engine.connect() as connection:
        await connection.execute(text("SET TRANSACTION READ ONLY"))
        try:
            await connection.execute(insert(Order).values(id=1))
        except DBAPIError as raised:
            error = raised
    assert getattr(error and error.orig, "sqlstate", None) == "25006"


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
