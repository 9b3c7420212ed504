# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0.38", "aiosqlite", "asyncpg", "psycopg[binary]"]
# ///
import asyncio
import os
import traceback
from collections.abc import Awaitable, Callable
from typing import Any

from sqlalchemy import ForeignKey, inspect, select
from sqlalchemy.exc import InvalidRequestError
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, create_async_engine
from sqlalchemy.orm import (
    DeclarativeBase,
    Mapped,
    joinedload,
    mapped_column,
    raiseload,
    relationship,
    selectinload,
)

DATABASE_URL = os.environ.get("DATABASE_URL", "sqlite+aiosqlite:///greenlit.db")


class Base(DeclarativeBase):
    pass


class Customer(Base):
    __tablename__ = "customers"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]
    orders: Mapped[list["Order"]] = relationship(order_by="Order.id.desc()")


class Order(Base):
    __tablename__ = "orders"

    id: Mapped[int] = mapped_column(primary_key=True)
    customer_id: Mapped[int] = mapped_column(ForeignKey("customers.id"))
    lines: Mapped[list["Line"]] = relationship()


class Line(Base):
    __tablename__ = "lines"

    id: Mapped[int] = mapped_column(primary_key=True)
    order_id: Mapped[int] = mapped_column(ForeignKey("orders.id"))


async def add(engine: AsyncEngine) -> None:
    async with AsyncSession(engine) as session:
        session.add(Customer(id=1, name="Ada", orders=[Order(lines=[Line()])]))
        await session.commit()


def has(instance: object, attribute: str) -> bool:
    state: Any = inspect(instance)
    return attribute not in state.unloaded


async def claim_weak(engine: AsyncEngine) -> None:
    """If no variable refers to the object that an earlier `get()` returned, the session does not keep it, and `get(…, options=[selectinload(Customer.orders)])` loads the orders."""
    await add(engine)
    loads = [selectinload(Customer.orders)]
    async with AsyncSession(engine) as session:
        await session.get_one(Customer, 1)
        assert has(await session.get_one(Customer, 1, options=loads), "orders")
    async with AsyncSession(engine) as session:
        held = await session.get_one(Customer, 1)
        assert not has(await session.get_one(Customer, 1, options=loads), "orders")
        assert not has(held, "orders")


async def claim_nested(engine: AsyncEngine) -> None:
    """If the session has the customer's orders and not their lines, `selectinload(Customer.orders).selectinload(Order.lines)` loads the lines, and so does `joinedload` of both."""
    await add(engine)
    outer = selectinload(Customer.orders)
    for deeper in (
        selectinload(Customer.orders).selectinload(Order.lines),
        joinedload(Customer.orders).joinedload(Order.lines),
    ):
        async with AsyncSession(engine) as session:
            customer = (await session.scalars(select(Customer).options(outer))).one()
            (await session.scalars(select(Customer).options(deeper))).unique().all()
            assert has(customer.orders[0], "lines")


async def claim_first_options_stay(engine: AsyncEngine) -> None:
    """An object that was first loaded with `raiseload("*")` still raises `InvalidRequestError` at `customer.orders` after a `select(Customer)` without options returned it."""
    await add(engine)
    error = None
    async with AsyncSession(engine) as session:
        customer = (await session.scalars(select(Customer).options(raiseload("*")))).one()
        again = (await session.scalars(select(Customer))).one()
        assert again is customer
        try:
            len(again.orders)
        except InvalidRequestError as raised:
            error = str(raised)
    assert error is not None and "lazy='raise'" in error


async def claim_expired(engine: AsyncEngine) -> None:
    """`get()` of an expired object loads the orders if the query that first loaded it had `selectinload(Customer.orders)`, and not if `get()` alone names this option."""
    await add(engine)
    loads = [selectinload(Customer.orders)]
    async with AsyncSession(engine) as session:
        customer = await session.get_one(Customer, 1, options=loads)
        session.expire(customer)
        await session.get_one(Customer, 1)
        assert has(customer, "orders")
    async with AsyncSession(engine) as session:
        customer = await session.get_one(Customer, 1)
        session.expire(customer)
        await session.get_one(Customer, 1, options=loads)
        assert not has(customer, "orders")


async def claim_execution_options(engine: AsyncEngine) -> None:
    """`get(…, execution_options={"populate_existing": True})` loads what `options` name, as the argument `populate_existing=True` does."""
    await add(engine)
    async with AsyncSession(engine) as session:
        customer = await session.get_one(Customer, 1)
        loads = [selectinload(Customer.orders)]
        await session.get_one(Customer, 1, options=loads, execution_options={"populate_existing": True})
        assert has(customer, "orders"), "the options are ignored"


async def claim_overwrites(engine: AsyncEngine) -> None:
    """With `autoflush=False`, a `select()` with `populate_existing=True` replaces an unsaved change with the stored value."""
    await add(engine)
    async with AsyncSession(engine, autoflush=False) as session:
        customer = await session.get_one(Customer, 1)
        customer.name = "Grace"
        await session.scalars(select(Customer))
        assert customer.name == "Grace"
        await session.scalars(select(Customer).execution_options(populate_existing=True))
        assert customer.name == "Ada"


async def claim_drops_others(engine: AsyncEngine) -> None:
    """A `select()` with `populate_existing=True` and `selectinload(Customer.orders)` drops what it does not name: `order.lines`, loaded before, is no longer loaded."""
    await add(engine)
    both = selectinload(Customer.orders).selectinload(Order.lines)
    async with AsyncSession(engine) as session:
        customer = (await session.scalars(select(Customer).options(both))).one()
        [order] = customer.orders
        assert has(order, "lines")
        query = select(Customer).options(selectinload(Customer.orders))
        (await session.scalars(query.execution_options(populate_existing=True))).one()
        assert not has(order, "lines")


async def claim_append_order(engine: AsyncEngine) -> None:
    """An appended order stays at the end of the list, although the relationship has an `order_by` that puts it first in a later query."""
    await add(engine)
    query = select(Customer).options(selectinload(Customer.orders))
    async with AsyncSession(engine, expire_on_commit=False) as session:
        customer = (await session.scalars(query)).one()
        customer.orders.append(Order(id=8))
        await session.commit()
        assert [order.id for order in customer.orders] == [1, 8]
    async with AsyncSession(engine) as session:
        customer = (await session.scalars(query)).one()
        assert [order.id for order in customer.orders] == [8, 1]


async def reason_against(claim: Callable[[AsyncEngine], Awaitable[None]]) -> str:
    """Why a claim does not hold here, or nothing."""
    engine = create_async_engine(DATABASE_URL)
    try:
        async with engine.begin() as connection:
            await connection.run_sync(Base.metadata.drop_all)
            await connection.run_sync(Base.metadata.create_all)
        await claim(engine)
    except Exception as error:
        line = traceback.extract_tb(error.__traceback__)[-1].line
        return f"{type(error).__name__}: {str(error).partition(chr(10))[0] or line}"
    finally:
        await engine.dispose()
    return ""


async def main() -> None:
    for name, claim in list(globals().items()):
        if name.startswith("claim_"):
            sentence, against = " ".join(claim.__doc__.split()), await reason_against(claim)
            print(f"does not hold: {sentence} ({against})" if against else f"holds: {sentence}")
    engine = create_async_engine(DATABASE_URL)
    async with engine.begin() as connection:
        await connection.run_sync(Base.metadata.drop_all)  # Out of the way of a file that has some of these tables.
    await engine.dispose()


if __name__ == "__main__":
    asyncio.run(main())
