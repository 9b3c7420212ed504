# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0.22", "aiosqlite", "asyncpg", "psycopg[binary]"]
# ///
import asyncio
import os
import warnings

from sqlalchemy import ForeignKey
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column, relationship

DATABASE_URL = os.environ.get("DATABASE_URL", "sqlite+aiosqlite:///greenlit.db")

# aiosqlite's own coroutine is dropped when the load fails.
warnings.filterwarnings("ignore", "coroutine 'Connection.cursor' was never awaited")


class Base(DeclarativeBase):
    pass


class User(Base):
    __tablename__ = "users"

    id: Mapped[int] = mapped_column(primary_key=True)
    orders: Mapped[list["Order"]] = relationship()


class Order(Base):
    __tablename__ = "orders"

    id: Mapped[int] = mapped_column(primary_key=True)
    total: Mapped[int]
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"))


async def revenue(session: AsyncSession, user_id: int) -> int:
    user = await session.get_one(User, user_id)
    return sum(order.total for order in user.orders)


# --8<-- [start:test]
async def test_revenue(session_factory: async_sessionmaker[AsyncSession]) -> None:
    async with session_factory() as session:
        ada = User(id=1, orders=[Order(id=1, total=30), Order(id=2, total=12)])
        session.add(ada)
        await session.commit()
    async with session_factory() as session:
        try:
            print("revenue:", await revenue(session, ada.id))
        except SQLAlchemyError as error:
            print("revenue fails:", cause(error))
            #> revenue fails: MissingGreenlet


# --8<-- [end:test]


def cause(error: Exception) -> str:
    """SQLAlchemy 2.1 wraps MissingGreenlet on aiosqlite and psycopg, and does not on asyncpg."""
    return type(getattr(error, "orig", None) or error).__name__


async def main() -> None:
    engine = create_async_engine(DATABASE_URL)
    try:
        async with engine.begin() as connection:
            await connection.run_sync(Base.metadata.drop_all)
            await connection.run_sync(Base.metadata.create_all)
        await test_revenue(async_sessionmaker(engine, expire_on_commit=False))
    finally:
        async with engine.begin() as connection:
            await connection.run_sync(Base.metadata.drop_all)
        await engine.dispose()


if __name__ == "__main__":
    asyncio.run(main())
