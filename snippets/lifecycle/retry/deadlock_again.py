# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0.22", "asyncpg", "psycopg[binary]"]
# ///
# drivers: asyncpg, psycopg (SQLite has no row locks)
# unrecorded: two transactions at once, and PostgreSQL picks the one to refuse
import asyncio
import os
import sys
from collections.abc import Awaitable, Callable

from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker, create_async_engine
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


# --8<-- [start:retry]
async def with_retry(work: Callable[[], Awaitable[object]]) -> None:
    for attempt in (1, 2, 3):
        try:
            await work()
            return
        except DBAPIError as error:
            state = getattr(error.orig, "sqlstate", None)
            if attempt == 3 or state not in ("40001", "40P01"):
                raise
            print(f"attempt {attempt}: {state}")
            #> attempt 1: 40P01


# --8<-- [end:retry]


holding: set[int] = set()
both_hold_one = asyncio.Event()
one_is_through = asyncio.Event()


async def meet(number: int) -> None:
    """Go on when both have locked their first row."""
    holding.add(number)
    if len(holding) == 2:
        both_hold_one.set()
    await both_hold_one.wait()


async def transfer(session_factory: async_sessionmaker[AsyncSession], source: int, target: int) -> None:
    if both_hold_one.is_set():
        # Otherwise the second attempt may have its row again before the other one, who waits for it, wakes.
        await one_is_through.wait()
    async with session_factory.begin() as session:
        locked = {}
        for number in (source, target):
            locked[number] = await session.get_one(Account, number, with_for_update=True)
            await meet(number)
        locked[source].balance -= 10
        locked[target].balance += 10
    one_is_through.set()


# --8<-- [start:call]
async def both_ways(session_factory: async_sessionmaker[AsyncSession]) -> None:
    there = with_retry(lambda: transfer(session_factory, 1, 2))
    back = with_retry(lambda: transfer(session_factory, 2, 1))
    await asyncio.gather(there, back)


# --8<-- [end:call]


async def main() -> None:
    engine = create_async_engine(DATABASE_URL)
    try:
        async with engine.begin() as connection:
            await connection.run_sync(Base.metadata.drop_all)
            await connection.run_sync(Base.metadata.create_all)
        session_factory = async_sessionmaker(engine)
        async with session_factory.begin() as session:
            session.add_all([Account(id=1, balance=100), Account(id=2, balance=100)])
        await both_ways(session_factory)
        async with session_factory() as session:
            first = await session.get_one(Account, 1)
            second = await session.get_one(Account, 2)
            assert (first.balance, second.balance) == (100, 100)
    finally:
        await engine.dispose()


if __name__ == "__main__":
    asyncio.run(main())
