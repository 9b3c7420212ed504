# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0", "aiosqlite", "asyncpg", "psycopg[binary]"]
# ///
import asyncio
import os

from retry import retrying
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

DATABASE_URL = os.environ.get("DATABASE_URL", "sqlite+aiosqlite:///greenlit.db")


class Base(DeclarativeBase):
    pass


class Account(Base):
    __tablename__ = "accounts"

    id: Mapped[int] = mapped_column(primary_key=True)
    balance: Mapped[int]
    version: Mapped[int] = mapped_column()

    __mapper_args__ = {"version_id_col": version}


engine = create_async_engine(DATABASE_URL)
session_factory = async_sessionmaker(engine)
rivals = [1000]


async def a_rival_deposits(amount: int) -> None:
    async with session_factory.begin() as session:
        account = await session.get_one(Account, 1)
        account.balance += amount


# --8<-- [start:withdraw]
@retrying(session_factory)
async def withdraw(session: AsyncSession, account_id: int, amount: int) -> int:
    account = await session.get_one(Account, account_id)
    print(f"reads {account.balance}")
    #> reads 100
    #> reads 1100
    if rivals:  # Between our read and our write, the first time.
        await a_rival_deposits(rivals.pop())
    account.balance -= amount
    return account.balance


# --8<-- [end:withdraw]


async def main() -> None:
    try:
        async with engine.begin() as connection:
            await connection.run_sync(Base.metadata.drop_all)
            await connection.run_sync(Base.metadata.create_all)
        async with session_factory.begin() as session:
            session.add(Account(id=1, balance=100))
        # --8<-- [start:call]
        print(await withdraw(1, amount=30))
        #> 1070
        # --8<-- [end:call]
    finally:
        await engine.dispose()


if __name__ == "__main__":
    asyncio.run(main())
