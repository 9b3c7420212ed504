# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0.22", "aiosqlite", "asyncpg", "psycopg[binary]"]
# ///
from __future__ import annotations

import asyncio
import os
from collections.abc import Awaitable, Callable

from sqlalchemy import ForeignKey, inspect, select
from sqlalchemy.ext.asyncio import (
    AsyncAttrs,
    AsyncSession,
    async_sessionmaker,
    create_async_engine,
)
from sqlalchemy.orm import (
    DeclarativeBase,
    Mapped,
    contains_eager,
    joinedload,
    mapped_column,
    relationship,
    selectinload,
)

DATABASE_URL = os.environ.get("DATABASE_URL", "sqlite+aiosqlite:///greenlit.db")


class Base(AsyncAttrs, DeclarativeBase):
    pass


class Order(Base):
    __tablename__ = "orders"

    id: Mapped[int] = mapped_column(primary_key=True)
    items: Mapped[list[Item]] = relationship()


class Item(Base):
    __tablename__ = "items"

    id: Mapped[int] = mapped_column(primary_key=True)
    order_id: Mapped[int] = mapped_column(ForeignKey("orders.id"))


async def by_selectinload(session: AsyncSession) -> Order:
    return await session.get_one(Order, 1, options=[selectinload(Order.items)])


async def by_selectinload_later(session: AsyncSession) -> Order:
    held = await session.get_one(Order, 1)
    (await session.scalars(select(Order).options(selectinload(Order.items)))).one()
    return held


async def by_joinedload(session: AsyncSession) -> Order:
    return await session.get_one(Order, 1, options=[joinedload(Order.items)])


async def by_contains_eager(session: AsyncSession) -> Order:
    joined = select(Order).join(Order.items).options(contains_eager(Order.items))
    return (await session.scalars(joined)).unique().one()


async def by_awaitable_attrs(session: AsyncSession) -> Order:
    order = await session.get_one(Order, 1)
    await order.awaitable_attrs.items
    return order


async def by_refresh(session: AsyncSession) -> Order:
    order = await session.get_one(Order, 1)
    await session.refresh(order, ["items"])
    return order


async def by_assignment(session: AsyncSession) -> Order:
    order = Order(items=[Item()])
    session.add(order)
    await session.flush()
    return order


WAYS: dict[str, Callable[[AsyncSession], Awaitable[Order]]] = {
    "selectinload()": by_selectinload,
    "selectinload(), the order was in the session before": by_selectinload_later,
    "joinedload()": by_joinedload,
    "contains_eager()": by_contains_eager,
    "awaitable_attrs": by_awaitable_attrs,
    'refresh(order, ["items"])': by_refresh,
    "assigned to a new order": by_assignment,
}


# --8<-- [start:table]
async def compare(session_factory: async_sessionmaker[AsyncSession]) -> None:
    print("how order.items was loaded | after refresh(order)")
    #> how order.items was loaded | after refresh(order)
    for name, load in WAYS.items():
        async with session_factory() as session:
            order = await load(session)
            await session.refresh(order)
            print(name, "|", "not loaded" if "items" in inspect(order).unloaded else "loaded again")
            #> selectinload() | loaded again
            #> selectinload(), the order was in the session before | not loaded
            #> joinedload() | loaded again
            #> contains_eager() | not loaded
            #> awaitable_attrs | not loaded
            #> refresh(order, ["items"]) | not loaded
            #> assigned to a new order | not loaded


# --8<-- [end:table]


async def main() -> None:
    engine = create_async_engine(DATABASE_URL)
    try:
        async with engine.begin() as connection:
            await connection.run_sync(Base.metadata.drop_all)
            await connection.run_sync(Base.metadata.create_all)
        session_factory = async_sessionmaker(engine, expire_on_commit=False)
        async with session_factory.begin() as session:
            session.add(Order(items=[Item()]))
        await compare(session_factory)
    finally:
        async with engine.begin() as connection:
            await connection.run_sync(Base.metadata.drop_all)
        await engine.dispose()


if __name__ == "__main__":
    asyncio.run(main())
