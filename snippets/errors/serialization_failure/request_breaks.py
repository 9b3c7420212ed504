# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0.22", "asyncpg", "psycopg[binary]"]
# ///
# drivers: asyncpg, psycopg (SQLite has no REPEATABLE READ of this kind)
# raises: sqlalchemy.exc.DBAPIError, sqlalchemy.exc.OperationalError
import asyncio
import os
import sys

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


others = [50]


async def somebody_else_pays_in(session_factory: async_sessionmaker[AsyncSession]) -> None:
    """In the middle of our transaction, once."""
    if others:
        async with session_factory.begin() as session:
            account = await session.get_one(Account, 1)
            account.balance += others.pop()


# --8<-- [start:withdraw]
async def withdraw(session_factory: async_sessionmaker[AsyncSession], amount: int) -> int:
    async with session_factory.begin() as session:
        account = await session.get_one(Account, 1)
        await somebody_else_pays_in(session_factory)
        account.balance -= amount
    return account.balance


# --8<-- [end:withdraw]


# --8<-- [start:request]
async def request(session_factory: async_sessionmaker[AsyncSession]) -> int:
    return await withdraw(session_factory, 10)


# --8<-- [end:request]


async def main() -> None:
    # --8<-- [start:engine]
    engine = create_async_engine(
        DATABASE_URL,
        isolation_level="REPEATABLE READ",
    )
    session_factory = async_sessionmaker(engine, expire_on_commit=False)
    # --8<-- [end:engine]
    try:
        async with engine.begin() as connection:
            await connection.run_sync(Base.metadata.drop_all)
            await connection.run_sync(Base.metadata.create_all)
        async with session_factory.begin() as session:
            session.add(Account(id=1, balance=100))
        # --8<-- [start:call]
        print(f"balance: {await request(session_factory)}")
        # --8<-- [end:call]
    finally:
        await engine.dispose()


if __name__ == "__main__":
    asyncio.run(main())
