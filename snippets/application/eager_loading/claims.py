# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0.38", "aiosqlite", "asyncpg", "psycopg[binary]"]
# ///
import asyncio
import os
import traceback
import warnings
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import ForeignKey, event, insert, inspect, select
from sqlalchemy.exc import InvalidRequestError
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, create_async_engine
from sqlalchemy.orm import (
    DeclarativeBase,
    Mapped,
    WriteOnlyMapped,
    contains_eager,
    immediateload,
    joinedload,
    mapped_column,
    raiseload,
    relationship,
    selectinload,
    subqueryload,
    with_parent,
)

warnings.filterwarnings("ignore", "coroutine .* was never awaited")

DATABASE_URL = os.environ.get("DATABASE_URL", "sqlite+aiosqlite:///greenlit.db")


class Base(DeclarativeBase):
    pass


class Customer(Base):
    __tablename__ = "customers"

    id: Mapped[int] = mapped_column(primary_key=True)
    orders: Mapped[list["Order"]] = relationship(
        back_populates="customer", order_by="Order.id.desc()"
    )
    notes: Mapped[list["Note"]] = relationship(lazy="selectin")
    events: WriteOnlyMapped["Event"] = relationship()


class Order(Base):
    __tablename__ = "orders"

    id: Mapped[int] = mapped_column(primary_key=True)
    customer_id: Mapped[int | None] = mapped_column(ForeignKey("customers.id"))
    status: Mapped[str] = mapped_column(default="open")
    address: Mapped[str] = mapped_column(default="London")
    customer: Mapped[Customer | None] = relationship(back_populates="orders")


class Note(Base):
    __tablename__ = "notes"

    id: Mapped[int] = mapped_column(primary_key=True)
    customer_id: Mapped[int] = mapped_column(ForeignKey("customers.id"))


class Event(Base):
    __tablename__ = "events"

    id: Mapped[int] = mapped_column(primary_key=True)
    customer_id: Mapped[int] = mapped_column(ForeignKey("customers.id"))


class Category(Base):
    __tablename__ = "categories"

    id: Mapped[int] = mapped_column(primary_key=True)
    parent_id: Mapped[int | None] = mapped_column(ForeignKey("categories.id"))
    children: Mapped[list["Category"]] = relationship(lazy="selectin")


NO_NOTES = raiseload(Customer.notes)


@contextmanager
def counting(engine: AsyncEngine) -> Iterator[list[str]]:
    sent: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        sent.append(statement)

    event.listen(engine.sync_engine, "before_cursor_execute", note)
    yield sent
    event.remove(engine.sync_engine, "before_cursor_execute", note)


async def add(engine: AsyncEngine) -> None:
    """One customer with an open and a paid order, one without, and an order without a customer."""
    async with AsyncSession(engine) as session:
        session.add(Customer(id=1, orders=[Order(id=1), Order(id=2, status="paid")]))
        session.add(Customer(id=2))
        session.add(Order(id=3))
        await session.commit()


async def claim_in_the_session(engine: AsyncEngine) -> None:
    """If the session has the customers already, `selectinload(Order.customer)`, a many-to-one, still sends its second statement. `immediateload(Order.customer)` sends none."""
    await add(engine)
    for option, expected in ((selectinload, 2), (immediateload, 1)):
        async with AsyncSession(engine) as session:
            held = (await session.scalars(select(Customer).options(NO_NOTES))).all()
            query = select(Order).options(option(Order.customer).options(NO_NOTES))
            with counting(engine) as sent:
                orders = (await session.scalars(query)).all()
            assert len(sent) == expected
            assert {order.customer for order in orders} == {held[0], None}


async def claim_order(engine: AsyncEngine) -> None:
    """The relationship's `order_by` orders the collection with `selectinload`, `subqueryload` and `joinedload`. With `contains_eager`, the query's own `order_by` does."""
    await add(engine)
    found = []
    for option in (selectinload, subqueryload, joinedload):
        async with AsyncSession(engine) as session:
            query = select(Customer).where(Customer.id == 1).options(option(Customer.orders))
            found.append([order.id for order in (await session.scalars(query)).unique().one().orders])
    assert found == [[2, 1], [2, 1], [2, 1]]
    async with AsyncSession(engine) as session:
        joined = select(Customer).join(Customer.orders).options(contains_eager(Customer.orders))
        customer = (await session.scalars(joined.order_by(Order.id))).unique().one()
        assert [order.id for order in customer.orders] == [1, 2]


async def claim_inner(engine: AsyncEngine) -> None:
    """An inner join drops rows without a partner: `joinedload(Order.customer, innerjoin=True)` an order without a customer, `.join()` with `contains_eager` a customer without orders."""
    await add(engine)
    async with AsyncSession(engine) as session:
        inner = select(Order).options(joinedload(Order.customer, innerjoin=True))
        assert {order.id for order in await session.scalars(inner)} == {1, 2}
        outer = select(Order).options(joinedload(Order.customer))
        assert {order.id for order in await session.scalars(outer)} == {1, 2, 3}
        option = contains_eager(Customer.orders)
        joined = await session.scalars(select(Customer).join(Customer.orders).options(option))
        assert {customer.id for customer in joined.unique()} == {1}
        outer_join = select(Customer).outerjoin(Customer.orders).options(option)
        assert {customer.id for customer in (await session.scalars(outer_join)).unique()} == {1, 2}


async def claim_criteria(engine: AsyncEngine) -> None:
    """`selectinload(Customer.orders.and_(Order.status == "open"))` loads the open orders only. A later `selectinload(Customer.orders)` in this session leaves the collection at that."""
    await add(engine)
    query = select(Customer).where(Customer.id == 1)
    only_open = selectinload(Customer.orders.and_(Order.status == "open"))
    async with AsyncSession(engine) as session:
        customer = (await session.scalars(query.options(only_open))).one()
        assert [order.id for order in customer.orders] == [1]
        again = (await session.scalars(query.options(selectinload(Customer.orders)))).one()
        assert [order.id for order in again.orders] == [1]


async def claim_with_parent(engine: AsyncEngine) -> None:
    """`select(Order).where(with_parent(customer, Customer.orders), Order.status == "open")` returns the open orders, and leaves the customer's loaded collection complete."""
    await add(engine)
    async with AsyncSession(engine) as session:
        query = select(Customer).where(Customer.id == 1).options(selectinload(Customer.orders))
        customer = (await session.scalars(query)).one()
        mine = with_parent(customer, Customer.orders)
        orders = await session.scalars(select(Order).where(mine, Order.status == "open"))
        assert [order.id for order in orders] == [1]
        assert [order.id for order in customer.orders] == [2, 1]


async def claim_load_only(engine: AsyncEngine) -> None:
    """After `selectinload(Customer.orders).load_only(Order.status)`, reading another column of an order, `order.address`, raises `MissingGreenlet`, in some runs inside a `StatementError`."""
    await add(engine)
    async with AsyncSession(engine) as session:
        option = selectinload(Customer.orders).load_only(Order.status)
        customer = (await session.scalars(select(Customer).where(Customer.id == 1).options(option))).one()
        assert [order.status for order in customer.orders] == ["paid", "open"]
        error = None
        try:
            print(customer.orders[0].address)
        except Exception as raised:
            error = raised
        assert "MissingGreenlet" in f"{type(error).__name__}: {error}"


async def claim_off(engine: AsyncEngine) -> None:
    """With `lazy="selectin"` on `Customer.notes`, `select(Customer)` sends two statements. With the option `raiseload(Customer.notes)`, it sends one."""
    await add(engine)
    async with AsyncSession(engine) as session:
        with counting(engine) as sent:
            await session.scalars(select(Customer))
        assert len(sent) == 2
    async with AsyncSession(engine) as session:
        with counting(engine) as sent:
            await session.scalars(select(Customer).options(NO_NOTES))
        assert len(sent) == 1


async def claim_chunksize(engine: AsyncEngine) -> None:
    """`selectinload(Customer.orders, chunksize=1000)` loads the orders of 1,200 customers with two further statements."""
    async with engine.begin() as connection:
        await connection.execute(insert(Customer), [{"id": number} for number in range(1, 1201)])
    given: dict[str, Any] = {"chunksize": 1000}
    option = selectinload(Customer.orders, **given)
    async with AsyncSession(engine) as session:
        with counting(engine) as sent:
            await session.scalars(select(Customer).options(option, NO_NOTES))
    assert len(sent) == 3


async def claim_write_only(engine: AsyncEngine) -> None:
    """`selectinload()` of a `WriteOnlyMapped` relationship raises an `InvalidRequestError`. `customer.events.select().limit(10)` is a query for ten of them."""
    await add(engine)
    async with AsyncSession(engine) as session:
        error = None
        try:
            await session.scalars(select(Customer).options(selectinload(Customer.events)))
        except InvalidRequestError as raised:
            error = str(raised)
        assert error is not None
        customer = await session.get_one(Customer, 1)
        session.add_all([Event(customer_id=1) for _ in range(12)])
        assert len((await session.scalars(customer.events.select().limit(10))).all()) == 10


async def claim_yield_per(engine: AsyncEngine) -> None:
    """With `yield_per=100`, `selectinload` sends one statement for each 100 rows: three for 300 customers."""
    async with engine.begin() as connection:
        await connection.execute(insert(Customer), [{"id": number} for number in range(1, 301)])
    query = select(Customer).options(selectinload(Customer.orders), NO_NOTES)
    async with AsyncSession(engine) as session:
        with counting(engine) as sent:
            customers = await session.stream_scalars(query.execution_options(yield_per=100))
            assert len(await customers.all()) == 300
    assert len([statement for statement in sent if "FROM orders" in statement]) == 3


async def claim_itself(engine: AsyncEngine) -> None:
    """`lazy="selectin"` on a relationship from a class to itself loads nothing, unless it has a `join_depth`. The option `selectinload(Category.children)` loads it."""
    async with AsyncSession(engine) as session:
        session.add(Category(id=1, children=[Category(id=2)]))
        await session.commit()
    query = select(Category).where(Category.id == 1)
    async with AsyncSession(engine) as session:
        state: Any = inspect((await session.scalars(query)).one())
        assert "children" in state.unloaded
    async with AsyncSession(engine) as session:
        root = (await session.scalars(query.options(selectinload(Category.children)))).one()
        assert len(root.children) == 1


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
