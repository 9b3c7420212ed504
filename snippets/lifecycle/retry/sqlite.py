# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0.22", "aiosqlite"]
# ///
# drivers: aiosqlite (the lock on the whole file is SQLite's)
# unrecorded: two transactions at once, and either may be the first
import asyncio
import os
from typing import Any

from sqlalchemy import Connection, event
from sqlalchemy.exc import OperationalError
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, async_sessionmaker, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

DATABASE_URL = os.environ.get("DATABASE_URL", "sqlite+aiosqlite:///greenlit.db")


class Base(DeclarativeBase):
    pass


class Product(Base):
    __tablename__ = "products"

    id: Mapped[int] = mapped_column(primary_key=True)
    stock: Mapped[int]


# --8<-- [start:engine]
def begin_before_the_first_read(engine: AsyncEngine) -> None:
    @event.listens_for(engine.sync_engine, "connect")
    def leave_begin_to_us(connection: Any, record: object) -> None:
        connection.isolation_level = None

    @event.listens_for(engine.sync_engine, "begin")
    def begin(connection: Connection) -> None:
        connection.exec_driver_sql("BEGIN IMMEDIATE")


# --8<-- [end:engine]


# --8<-- [start:buy]
async def buy(session_factory: async_sessionmaker[AsyncSession]) -> None:
    async with session_factory.begin() as session:
        product = await session.get_one(Product, 1)
        await asyncio.sleep(0.3)
        product.stock -= 1


async def two_customers(session_factory: async_sessionmaker[AsyncSession]) -> None:
    ada, grace = buy(session_factory), buy(session_factory)
    for outcome in await asyncio.gather(ada, grace, return_exceptions=True):
        if isinstance(outcome, OperationalError):
            print(f"one of the two: {getattr(outcome.orig, 'sqlite_errorname', None)}")
            raise outcome


# --8<-- [end:buy]


async def main() -> None:
    engine = create_async_engine(DATABASE_URL)
    begin_before_the_first_read(engine)
    try:
        async with engine.begin() as connection:
            await connection.run_sync(Base.metadata.drop_all)
            await connection.run_sync(Base.metadata.create_all)
        session_factory = async_sessionmaker(engine)
        async with session_factory.begin() as session:
            session.add(Product(id=1, stock=10))
        await two_customers(session_factory)
    finally:
        await engine.dispose()


if __name__ == "__main__":
    asyncio.run(main())
