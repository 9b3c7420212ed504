# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0.22", "aiosqlite", "asyncpg", "psycopg[binary]"]
# ///
# raises: AssertionError
# silent: merge() deletes the item that was added meanwhile
from __future__ import annotations

import asyncio
import os

from sqlalchemy import ForeignKey, func, select
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column, relationship, selectinload

DATABASE_URL = os.environ.get("DATABASE_URL", "sqlite+aiosqlite:///greenlit.db")


class Base(DeclarativeBase):
    pass


class Order(Base):
    __tablename__ = "orders"

    id: Mapped[int] = mapped_column(primary_key=True)
    status: Mapped[str]
    items: Mapped[list[Item]] = relationship(cascade="all, delete-orphan")


class Item(Base):
    __tablename__ = "items"

    id: Mapped[int] = mapped_column(primary_key=True)
    order_id: Mapped[int] = mapped_column(ForeignKey("orders.id"))
    name: Mapped[str]


async def load(session_factory: async_sessionmaker[AsyncSession]) -> Order:
    async with session_factory() as session:
        return await session.get_one(Order, 1, options=[selectinload(Order.items)])


# --8<-- [start:close]
async def close(session: AsyncSession, cached: Order) -> None:
    order = await session.merge(cached)
    order.status = "closed"
    await session.commit()
    rows = await session.scalar(select(func.count(Item.id)))
    print(rows)
    #> 1
    assert rows == 2


# --8<-- [end:close]


async def add_item_meanwhile(session_factory: async_sessionmaker[AsyncSession]) -> None:
    cached = await load(session_factory)
    async with session_factory.begin() as session:
        session.add(Item(order_id=1, name="Teapot"))
    async with session_factory() as session:
        await close(session, cached)


async def main() -> None:
    engine = create_async_engine(DATABASE_URL)
    try:
        async with engine.begin() as connection:
            await connection.run_sync(Base.metadata.drop_all)
            await connection.run_sync(Base.metadata.create_all)
        session_factory = async_sessionmaker(engine, expire_on_commit=False)
        async with session_factory.begin() as session:
            session.add(Order(id=1, status="open", items=[Item(name="Kettle")]))
        await add_item_meanwhile(session_factory)
    finally:
        async with engine.begin() as connection:
            await connection.run_sync(Base.metadata.drop_all)
        await engine.dispose()


if __name__ == "__main__":
    asyncio.run(main())
