# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0.38", "aiosqlite", "asyncpg", "psycopg[binary]"]
# ///
import asyncio
import os
import traceback
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager

from sqlalchemy import ForeignKey, event, insert, select
from sqlalchemy.exc import InvalidRequestError
from sqlalchemy.ext.asyncio import AsyncAttrs, AsyncEngine, AsyncSession, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column, relationship, selectinload

DATABASE_URL = os.environ.get("DATABASE_URL", "sqlite+aiosqlite:///greenlit.db")


class Base(AsyncAttrs, DeclarativeBase):
    pass


class Customer(Base):
    __tablename__ = "customers"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]
    orders: Mapped[list["Order"]] = relationship()
    locked: Mapped[list["Order"]] = relationship(lazy="raise", viewonly=True)


class Order(Base):
    __tablename__ = "orders"

    id: Mapped[int] = mapped_column(primary_key=True)
    customer_id: Mapped[int] = mapped_column(ForeignKey("customers.id"))


@contextmanager
def counting(engine: AsyncEngine) -> Iterator[list[str]]:
    sent: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        sent.append(statement)

    event.listen(engine.sync_engine, "before_cursor_execute", note)
    yield sent
    event.remove(engine.sync_engine, "before_cursor_execute", note)


async def add(engine: AsyncEngine, customers: int, orders: int) -> None:
    async with AsyncSession(engine) as session:
        for _ in range(customers):
            session.add(Customer(name="Ada", orders=[Order() for _ in range(orders)]))
        await session.commit()


async def query_per_row(engine: AsyncEngine) -> int:
    async with AsyncSession(engine) as session:
        with counting(engine) as sent:
            for customer in (await session.scalars(select(Customer))).all():
                await session.scalars(select(Order).where(Order.customer_id == customer.id))
    return len(sent)


async def with_selectinload(engine: AsyncEngine) -> int:
    async with AsyncSession(engine) as session:
        with counting(engine) as sent:
            await session.scalars(select(Customer).options(selectinload(Customer.orders)))
    return len(sent)


async def claim_one_row(engine: AsyncEngine) -> None:
    """With one customer in the table, a query for each row and `selectinload` both send two statements. With three customers, they send four and two."""
    await add(engine, customers=1, orders=2)
    assert await query_per_row(engine) == 2
    assert await with_selectinload(engine) == 2
    await add(engine, customers=2, orders=2)
    assert await query_per_row(engine) == 4
    assert await with_selectinload(engine) == 2


async def claim_refresh(engine: AsyncEngine) -> None:
    """`refresh(customer, ["orders"])` of a relationship with the default `lazy="select"` sends two statements here: one for the customer, one for the orders."""
    await add(engine, customers=1, orders=2)
    async with AsyncSession(engine) as session:
        customer = (await session.scalars(select(Customer))).one()
        with counting(engine) as sent:
            await session.refresh(customer, ["orders"])
    assert len(sent) == 2
    assert "FROM customers" in sent[0]
    assert "FROM orders" in sent[1]


async def claim_get(engine: AsyncEngine) -> None:
    """For ten orders of one customer, `get()` in a loop sends one SELECT if a variable keeps the customer, and ten if nothing does: the session refers to its objects weakly."""
    await add(engine, customers=1, orders=10)
    for kept, expected in ((True, 1), (False, 10)):
        async with AsyncSession(engine) as session:
            orders = (await session.scalars(select(Order))).all()
            with counting(engine) as sent:
                held = []
                for order in orders:
                    found = await session.get(Customer, order.customer_id)
                    if kept:
                        held.append(found)
                    del found
            assert len(sent) == expected


async def claim_lazy_raise(engine: AsyncEngine) -> None:
    """With `lazy="raise"`, `awaitable_attrs` raises in the loop. A query for each row and `refresh()` by name do not."""
    await add(engine, customers=3, orders=1)
    error = None
    async with AsyncSession(engine) as session:
        with counting(engine) as sent:
            customers = (await session.scalars(select(Customer))).all()
            try:
                await customers[0].awaitable_attrs.locked
            except InvalidRequestError as raised:
                error = str(raised)
            assert error is not None and "lazy='raise'" in error
            for customer in customers:
                await session.refresh(customer, ["locked"])
        assert len(sent) > 3
    assert await query_per_row(engine) == 4


async def claim_commits(engine: AsyncEngine) -> None:
    """`before_cursor_execute` is called once for an INSERT with a list of 1,000 rows, and not for the COMMIT."""
    async with engine.connect() as connection:
        with counting(engine) as sent:
            await connection.execute(insert(Customer), [{"name": "Ada"}] * 1000)
            await connection.commit()
    assert len(sent) == 1
    assert sent[0].startswith("INSERT")


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
