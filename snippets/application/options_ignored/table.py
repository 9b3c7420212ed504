# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0", "aiosqlite", "asyncpg", "psycopg[binary]"]
# ///
import asyncio
import os
from collections.abc import Awaitable, Callable

from sqlalchemy import ForeignKey, inspect, select
from sqlalchemy.ext.asyncio import AsyncAttrs, AsyncSession, async_sessionmaker, create_async_engine
from sqlalchemy.orm import (
    DeclarativeBase,
    Mapped,
    joinedload,
    mapped_column,
    relationship,
    selectinload,
)

DATABASE_URL = os.environ.get("DATABASE_URL", "sqlite+aiosqlite:///greenlit.db")


class Base(AsyncAttrs, DeclarativeBase):
    pass


class Customer(Base):
    __tablename__ = "customers"

    id: Mapped[int] = mapped_column(primary_key=True)
    orders: Mapped[list["Order"]] = relationship()


class Order(Base):
    __tablename__ = "orders"

    id: Mapped[int] = mapped_column(primary_key=True)
    customer_id: Mapped[int] = mapped_column(ForeignKey("customers.id"))


OPTION = selectinload(Customer.orders)
ONE = select(Customer).where(Customer.id == 1)


async def not_loaded(session: AsyncSession) -> Customer:
    session.add(Customer(id=1))
    await session.commit()
    session.expunge_all()
    return await session.get_one(Customer, 1)


async def loaded(session: AsyncSession) -> Customer:
    await not_loaded(session)
    session.expunge_all()
    return await session.get_one(Customer, 1, options=[OPTION])


async def committed(session: AsyncSession) -> Customer:
    customer = await loaded(session)
    await session.commit()
    return customer


async def expired(session: AsyncSession) -> Customer:
    customer = await loaded(session)
    session.expire(customer)
    return customer


async def flushed(session: AsyncSession) -> Customer:
    customer = Customer(id=1)
    session.add(customer)
    await session.flush()
    return customer


async def by_get(session: AsyncSession) -> None:
    await session.get(Customer, 1, options=[OPTION])


async def by_get_populate(session: AsyncSession) -> None:
    await session.get(Customer, 1, options=[OPTION], populate_existing=True)


async def by_get_for_update(session: AsyncSession) -> None:
    await session.get(Customer, 1, options=[OPTION], with_for_update=True)


async def by_select(session: AsyncSession) -> None:
    (await session.scalars(ONE.options(OPTION))).one()


async def by_joined(session: AsyncSession) -> None:
    (await session.scalars(ONE.options(joinedload(Customer.orders)))).unique().one()


async def by_select_populate(session: AsyncSession) -> None:
    (await session.scalars(ONE.options(OPTION).execution_options(populate_existing=True))).one()


async def by_refresh(session: AsyncSession) -> None:
    await session.refresh(await session.get_one(Customer, 1), ["orders"])


async def by_awaitable(session: AsyncSession) -> None:
    await (await session.get_one(Customer, 1)).awaitable_attrs.orders


STATES: dict[str, Callable[[AsyncSession], Awaitable[Customer]]] = {
    "not loaded": not_loaded,
    "loaded": loaded,
    "loaded, committed": committed,
    "loaded, expired": expired,
    "new, flushed": flushed,
}
WAYS: dict[str, Callable[[AsyncSession], Awaitable[None]]] = {
    "`get(…, options)`": by_get,
    "`get(…, options, with_for_update=True)`": by_get_for_update,
    "`get(…, options, populate_existing=True)`": by_get_populate,
    "`select()` with `selectinload`": by_select,
    "`select()` with `joinedload`": by_joined,
    "`select()` with `populate_existing=True`": by_select_populate,
    '`refresh(customer, ["orders"])`': by_refresh,
    "`awaitable_attrs.orders`": by_awaitable,
}


async def outcome(
    factory: async_sessionmaker[AsyncSession],
    before: Callable[[AsyncSession], Awaitable[Customer]],
    ask: Callable[[AsyncSession], Awaitable[None]],
) -> str:
    """An order is added behind the object's back. Does the object have it afterwards?"""
    async with factory() as session:
        customer = await before(session)
        session.add(Order(customer_id=1))
        await session.flush()
        await ask(session)
        if "orders" in inspect(customer).unloaded:
            found = "no"
        else:
            found = "yes" if len(customer.orders) == 1 else "old"
        await session.rollback()
    return found


async def compare(factory: async_sessionmaker[AsyncSession], reset: Callable[[], Awaitable[None]]) -> None:
    # --8<-- [start:table]
    print(" | ".join(["`orders` before", *STATES]))
    #> `orders` before | not loaded | loaded | loaded, committed | loaded, expired | new, flushed
    for name, ask in WAYS.items():
        cells = [name]
        for before in STATES.values():
            await reset()
            cells.append(await outcome(factory, before, ask))
        print(" | ".join(cells))
        #> `get(…, options)` | no | old | old | yes | no
        #> `get(…, options, with_for_update=True)` | yes | old | old | yes | yes
        #> `get(…, options, populate_existing=True)` | yes | yes | yes | yes | yes
        #> `select()` with `selectinload` | yes | old | old | yes | yes
        #> `select()` with `joinedload` | yes | old | old | yes | yes
        #> `select()` with `populate_existing=True` | yes | yes | yes | yes | yes
        #> `refresh(customer, ["orders"])` | yes | yes | yes | yes | yes
        #> `awaitable_attrs.orders` | yes | old | old | yes | yes
    # --8<-- [end:table]


async def main() -> None:
    engine = create_async_engine(DATABASE_URL)

    async def reset() -> None:
        async with engine.begin() as connection:
            await connection.run_sync(Base.metadata.drop_all)
            await connection.run_sync(Base.metadata.create_all)

    try:
        await compare(async_sessionmaker(engine, expire_on_commit=False), reset)
    finally:
        async with engine.begin() as connection:
            await connection.run_sync(Base.metadata.drop_all)
        await engine.dispose()


if __name__ == "__main__":
    asyncio.run(main())
