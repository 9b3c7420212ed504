# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0.22", "asyncpg", "psycopg[binary]"]
# ///
# drivers: asyncpg, psycopg (SQLite has no row locks)
# raises: AssertionError
# unrecorded: two transactions at once, and PostgreSQL picks the one to refuse
import asyncio
import os
import sys

from sqlalchemy import text
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


holding: list[AsyncSession] = []


async def until_they_meet(session: AsyncSession) -> None:
    """Return when both transfers have locked an account, or when one waits for the other's."""
    waits = "wait_event_type = 'Lock' AND datname = current_database()"
    holding.append(session)
    while len(holding) < 2:
        async with AsyncSession(session.bind) as watcher:
            found = await watcher.scalar(text(f"SELECT count(*) FROM pg_stat_activity WHERE {waits}"))
        if found:
            return
        await asyncio.sleep(0.01)


# --8<-- [start:transfer]
async def transfer(session_factory: async_sessionmaker[AsyncSession], source: int, target: int) -> None:
    async with session_factory.begin() as session:
        locked = {}
        for number in (source, target):
            locked[number] = await session.get_one(Account, number, with_for_update=True)
            await until_they_meet(session)
        locked[source].balance -= 10
        locked[target].balance += 10


async def both_ways(session_factory: async_sessionmaker[AsyncSession]) -> None:
    there = transfer(session_factory, 1, 2)
    back = transfer(session_factory, 2, 1)
    ends = await asyncio.gather(there, back, return_exceptions=True)
    refused = [getattr(end.orig, "sqlstate", None) for end in ends if isinstance(end, DBAPIError)]
    assert not refused, f"one of the two was refused: {refused}"


# --8<-- [end:transfer]


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
    finally:
        await engine.dispose()


if __name__ == "__main__":
    asyncio.run(main())
