# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0"]
# ///
"""Run a transaction again when the database says that it was nobody's fault.

Copy this file into your project: it needs SQLAlchemy (2.0 or 2.1) and nothing else.
"""

from __future__ import annotations

import asyncio
import logging
import random
from collections.abc import Awaitable, Callable, Collection, Coroutine
from functools import wraps
from typing import Any, Concatenate, ParamSpec, TypeVar

from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker
from sqlalchemy.orm.exc import StaleDataError

P = ParamSpec("P")
S = TypeVar("S", bound=AsyncSession)
T = TypeVar("T")

SERIALIZATION_FAILURE = "40001"
DEADLOCK_DETECTED = "40P01"
LOCK_NOT_AVAILABLE = "55P03"
"""`nowait` and `lock_timeout`. Not retried unless you ask: you wanted to hear of it."""

logger = logging.getLogger(__name__)


def retrying(
    session_factory: async_sessionmaker[S],
    *,
    attempts: int = 5,
    sqlstates: Collection[str] = (SERIALIZATION_FAILURE, DEADLOCK_DETECTED),
    disconnects: bool = False,
    first_delay: float = 0.05,
    longest_delay: float = 1.0,
) -> Callable[
    [Callable[Concatenate[S, P], Awaitable[T]]], Callable[P, Coroutine[Any, Any, T]]
]:
    """Make a function that takes a session into one that runs as a transaction, again if need be.

    Each attempt has a session of its own, commits when the function returns, and begins with the
    first line of the function: what it read before is read again.

    ```python
    import asyncio
    import os

    from retry import retrying
    from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker, create_async_engine
    from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column


    class Base(DeclarativeBase):
        pass


    class Account(Base):
        __tablename__ = "accounts"
        id: Mapped[int] = mapped_column(primary_key=True)
        balance: Mapped[int]
        version: Mapped[int] = mapped_column()
        __mapper_args__ = {"version_id_col": version}


    engine = create_async_engine(os.environ.get("DATABASE_URL", "sqlite+aiosqlite://"))
    session_factory = async_sessionmaker(engine)


    async def somebody_else_deposits(amount: int) -> None:
        async with session_factory.begin() as session:
            account = await session.get_one(Account, 1)
            account.balance += amount


    rivals = [1000]


    @retrying(session_factory)
    async def withdraw(session: AsyncSession, account_id: int, amount: int) -> int:
        account = await session.get_one(Account, account_id)
        print(f"reads {account.balance}")
        #> reads 100
        #> reads 1100
        if rivals:  # Between our read and our write, the first time.
            await somebody_else_deposits(rivals.pop())
        account.balance -= amount
        return account.balance


    async def main() -> None:
        async with engine.begin() as connection:
            await connection.run_sync(Base.metadata.drop_all)
            await connection.run_sync(Base.metadata.create_all)
        async with session_factory.begin() as session:
            session.add(Account(id=1, balance=100))
        balance = await withdraw(1, amount=30)
        print(balance)
        #> 1070
        await engine.dispose()


    asyncio.run(main())
    ```

    You call it without the session. The function keeps its other parameters, also for a type
    checker.

    Where the factory is not known when the module is imported, wrap the function when you call it.
    The last attempt's error is the one that you get:

    ```python
    import asyncio
    import os

    from retry import retrying
    from sqlalchemy import text
    from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker, create_async_engine
    from sqlalchemy.orm.exc import StaleDataError


    async def too_busy(session: AsyncSession) -> None:
        await session.execute(text("SELECT 1"))
        print("tries")
        #> tries
        #> tries
        #> tries
        raise StaleDataError("somebody else was faster")


    async def main() -> None:
        engine = create_async_engine(os.environ.get("DATABASE_URL", "sqlite+aiosqlite://"))
        session_factory = async_sessionmaker(engine)
        try:
            await retrying(session_factory, attempts=3)(too_busy)()
        except StaleDataError as error:
            print(error)
            #> somebody else was faster
        await engine.dispose()


    asyncio.run(main())
    ```

    Args:
        session_factory: Makes a session for each attempt. With `expire_on_commit=False`, the
            objects that the function returns can be read.
        attempts: How often to run the function at most.
        sqlstates: PostgreSQL's codes for errors after which it is worth another try.
        disconnects: Also retry when the connection is lost. It may be lost after the database has
            committed and before it said so. Ask for this only if doing the work twice is harmless.
        first_delay: The longest wait before the second attempt, in seconds. It doubles each time,
            and the wait is a random part of it, so that rivals do not meet again.
        longest_delay: It doubles up to this.

    `StaleDataError` (a version column) and SQLite's "database is locked" are retried too. Cancelling
    the task, or `asyncio.timeout` around the call, ends all attempts. What the function does outside
    of the database is done again with each attempt: send mails after it has returned.
    """
    if attempts < 1:
        raise ValueError("attempts must be 1 or more")

    def decorate(
        work: Callable[Concatenate[S, P], Awaitable[T]],
    ) -> Callable[P, Coroutine[Any, Any, T]]:
        # --8<-- [start:run]
        @wraps(work)
        async def run(*args: P.args, **kwargs: P.kwargs) -> T:
            attempt = 1
            while True:
                try:
                    async with session_factory.begin() as session:
                        return await work(session, *args, **kwargs)
                except (DBAPIError, StaleDataError) as error:
                    if attempt == attempts or not is_worth_a_retry(error, sqlstates, disconnects):
                        raise
                    logger.info("attempt %d of %d: %s", attempt, attempts, error)
                # Slept outside of the `except`, or each attempt's error would hold the one before.
                longest = min(longest_delay, first_delay * 2 ** (attempt - 1))
                await asyncio.sleep(random.uniform(0, longest))
                attempt += 1

        # --8<-- [end:run]
        return run

    return decorate


def is_worth_a_retry(
    error: BaseException,
    sqlstates: Collection[str] = (SERIALIZATION_FAILURE, DEADLOCK_DETECTED),
    disconnects: bool = False,
) -> bool:
    """Whether the same transaction, run again from its beginning, may well succeed."""
    if isinstance(error, StaleDataError):
        return True
    if not isinstance(error, DBAPIError):
        return False
    return (
        sqlstate(error) in sqlstates
        or _sqlite_is_busy(error)
        or (disconnects and error.connection_invalidated)
    )


def sqlstate(error: DBAPIError) -> str | None:
    """PostgreSQL's code of five characters: `"40001"`, whatever class the driver makes of it.

    ```python
    import asyncio
    import os

    from retry import sqlstate
    from sqlalchemy import text
    from sqlalchemy.exc import DBAPIError
    from sqlalchemy.ext.asyncio import create_async_engine


    async def main() -> None:
        engine = create_async_engine(os.environ.get("DATABASE_URL", "sqlite+aiosqlite://"))
        try:
            async with engine.connect() as connection:
                await connection.execute(text("SELECT * FROM nowhere"))
        except DBAPIError as error:
            # asyncpg and psycopg: undefined_table. SQLite has no such codes.
            expected = None if engine.dialect.name == "sqlite" else "42P01"
            print(sqlstate(error) == expected)
            #> True
        await engine.dispose()


    asyncio.run(main())
    ```
    """
    code: str | None = getattr(error.orig, "sqlstate", None)
    return code


def _sqlite_is_busy(error: DBAPIError) -> bool:
    """SQLITE_BUSY is 5, and the bits above say why."""
    code = getattr(error.orig, "sqlite_errorcode", None)
    return isinstance(code, int) and code & 0xFF == 5
