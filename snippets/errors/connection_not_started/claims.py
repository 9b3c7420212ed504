# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0.38", "aiosqlite", "asyncpg", "psycopg[binary]"]
# ///
import asyncio
import os
import traceback
from collections.abc import Awaitable, Callable

from sqlalchemy import text
from sqlalchemy.exc import InvalidRequestError, ResourceClosedError
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, AsyncSessionTransaction, create_async_engine
from sqlalchemy.pool import QueuePool

DATABASE_URL = os.environ.get("DATABASE_URL", "sqlite+aiosqlite:///greenlit.db")


async def claim_engine_begin(engine: AsyncEngine) -> None:
    """`engine.begin()` works with `async with` only: awaited it is a `TypeError`, and its `execute` an `AttributeError`, about an `_AsyncGeneratorContextManager`."""
    errors: list[Exception] = []
    try:
        await engine.begin()  # type: ignore[misc]
    except TypeError as raised:
        errors.append(raised)
    try:
        await engine.begin().execute(text("SELECT 1"))  # type: ignore[attr-defined]
    except AttributeError as raised:
        errors.append(raised)
    assert len(errors) == 2
    assert all("_AsyncGeneratorContextManager" in str(error) for error in errors)


async def claim_already_started(engine: AsyncEngine) -> None:
    """A connection cannot be entered a second time, not even after it was closed. `session.connection()` returns one that has started."""
    connection = engine.connect()
    async with connection:
        await connection.execute(text("SELECT 1"))
    errors: list[InvalidRequestError] = []
    try:
        async with connection:
            pass
    except InvalidRequestError as raised:
        errors.append(raised)
    async with AsyncSession(engine) as session:
        try:
            async with await session.connection():
                pass
        except InvalidRequestError as raised:
            errors.append(raised)
    assert [str(error) for error in errors] == ["connection is already started"] * 2


async def claim_never_closed(engine: AsyncEngine) -> None:
    """`await engine.connect()` keeps its connection after an error: close it in a `finally`. `async with` returns it."""
    assert isinstance(engine.pool, QueuePool)
    open_connection = await engine.connect()
    error = None
    try:
        await open_connection.execute(text("SELECT nothing"))
    except Exception as raised:
        error = raised
    assert error is not None
    assert engine.pool.checkedout() == 1
    await open_connection.close()
    try:
        async with engine.connect() as connection:
            await connection.execute(text("SELECT nothing"))
    except Exception as raised:
        error = raised
    assert engine.pool.checkedout() == 0


async def claim_transaction_is_closed(engine: AsyncEngine) -> None:
    """After the session has ended its transaction, `commit()` or `rollback()` on that transaction raises `This transaction is closed`."""
    for end in (AsyncSession.commit, AsyncSession.rollback, AsyncSession.close):
        for late in (AsyncSessionTransaction.commit, AsyncSessionTransaction.rollback):
            async with AsyncSession(engine) as session:
                transaction = await session.begin()
                await end(session)
                error = None
                try:
                    await late(transaction)
                except ResourceClosedError as raised:
                    error = raised
                assert str(error) == "This transaction is closed"


async def reason_against(claim: Callable[[AsyncEngine], Awaitable[None]]) -> str:
    """Why a claim does not hold here, or nothing."""
    engine = create_async_engine(DATABASE_URL)
    try:
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


if __name__ == "__main__":
    asyncio.run(main())

