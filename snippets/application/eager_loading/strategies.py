# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0", "aiosqlite", "asyncpg", "psycopg[binary]"]
# ///
import asyncio
import os
from typing import Any

from sqlalchemy import Column, ForeignKey, Select, Table, event, insert, select
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, create_async_engine
from sqlalchemy.orm import (
    DeclarativeBase,
    Mapped,
    contains_eager,
    joinedload,
    mapped_column,
    relationship,
    selectinload,
    subqueryload,
)

DATABASE_URL = os.environ.get("DATABASE_URL", "sqlite+aiosqlite:///greenlit.db")


class Base(DeclarativeBase):
    pass


# --8<-- [start:models]
class Customer(Base):
    __tablename__ = "customers"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]
    email: Mapped[str]
    city: Mapped[str]
    orders: Mapped[list["Order"]] = relationship(back_populates="customer")
    addresses: Mapped[list["Address"]] = relationship()
    tags: Mapped[list["Tag"]] = relationship(secondary="customer_tags")


class Order(Base):
    __tablename__ = "orders"

    id: Mapped[int] = mapped_column(primary_key=True)
    customer_id: Mapped[int] = mapped_column(ForeignKey("customers.id"))
    customer: Mapped[Customer] = relationship(back_populates="orders")
    lines: Mapped[list["Line"]] = relationship()


# --8<-- [end:models]


class Address(Base):
    __tablename__ = "addresses"

    id: Mapped[int] = mapped_column(primary_key=True)
    customer_id: Mapped[int] = mapped_column(ForeignKey("customers.id"))


class Line(Base):
    __tablename__ = "lines"

    id: Mapped[int] = mapped_column(primary_key=True)
    order_id: Mapped[int] = mapped_column(ForeignKey("orders.id"))


class Tag(Base):
    __tablename__ = "tags"

    id: Mapped[int] = mapped_column(primary_key=True)
    label: Mapped[str]


customer_tags = Table(
    "customer_tags",
    Base.metadata,
    Column("customer_id", ForeignKey("customers.id"), primary_key=True),
    Column("tag_id", ForeignKey("tags.id"), primary_key=True),
)

CASES: list[tuple[str, str, Select[Any]]] = [
    ("orders", "`selectinload`", select(Customer).options(selectinload(Customer.orders))),
    ("orders", "`subqueryload`", select(Customer).options(subqueryload(Customer.orders))),
    ("orders", "`joinedload`", select(Customer).options(joinedload(Customer.orders))),
    (
        "orders",
        "`join` and `contains_eager`",
        select(Customer).join(Customer.orders).options(contains_eager(Customer.orders)),
    ),
    (
        "orders and addresses",
        "two `selectinload`",
        select(Customer).options(selectinload(Customer.orders), selectinload(Customer.addresses)),
    ),
    (
        "orders and addresses",
        "two `subqueryload`",
        select(Customer).options(subqueryload(Customer.orders), subqueryload(Customer.addresses)),
    ),
    (
        "orders and addresses",
        "two `joinedload`",
        select(Customer).options(joinedload(Customer.orders), joinedload(Customer.addresses)),
    ),
    (
        "orders and their lines",
        "nested `selectinload`",
        select(Customer).options(selectinload(Customer.orders).selectinload(Order.lines)),
    ),
    (
        "orders and their lines",
        "nested `joinedload`",
        select(Customer).options(joinedload(Customer.orders).joinedload(Order.lines)),
    ),
    ("tags, many-to-many", "`selectinload`", select(Customer).options(selectinload(Customer.tags))),
    ("tags, many-to-many", "`joinedload`", select(Customer).options(joinedload(Customer.tags))),
    ("an order's customer", "`selectinload`", select(Order).options(selectinload(Order.customer))),
    ("an order's customer", "`joinedload`", select(Order).options(joinedload(Order.customer))),
]


async def measure(engine: AsyncEngine, query: Select[Any]) -> tuple[int, int, int]:
    """Statements, rows, values: each statement is sent once more to count what it transfers."""
    sent: list[tuple[str, Any]] = []

    def note(_connection: object, _cursor: object, statement: str, parameters: Any, *_: object) -> None:
        sent.append((statement, parameters))

    async with AsyncSession(engine) as session:
        event.listen(engine.sync_engine, "before_cursor_execute", note)
        (await session.scalars(query)).unique().all()
        event.remove(engine.sync_engine, "before_cursor_execute", note)
    rows = values = 0
    async with engine.connect() as connection:
        for statement, parameters in sent:
            fetched = (await connection.exec_driver_sql(statement, parameters)).all()
            rows += len(fetched)
            values += sum(len(row) for row in fetched)
    return len(sent), rows, values


async def fill(engine: AsyncEngine) -> None:
    """100 customers with 5 orders of 3 lines, 4 addresses, and 3 of 10 tags."""
    customers, orders = range(1, 101), range(1, 501)
    async with engine.begin() as connection:
        await connection.run_sync(Base.metadata.drop_all)
        await connection.run_sync(Base.metadata.create_all)
        person = {"name": "Ada", "email": "ada@example.com", "city": "London"}
        await connection.execute(insert(Customer), [{"id": number, **person} for number in customers])
        await connection.execute(
            insert(Order), [{"id": number, "customer_id": (number - 1) // 5 + 1} for number in orders]
        )
        await connection.execute(insert(Line), [{"order_id": number} for number in orders for _ in range(3)])
        await connection.execute(
            insert(Address), [{"customer_id": number} for number in customers for _ in range(4)]
        )
        await connection.execute(insert(Tag), [{"id": number, "label": "vip"} for number in range(1, 11)])
        await connection.execute(
            insert(customer_tags),
            [{"customer_id": number, "tag_id": tag} for number in customers for tag in (1, 2, 3)],
        )


async def main() -> None:
    engine = create_async_engine(DATABASE_URL)
    try:
        await fill(engine)
        # --8<-- [start:table]
        print("what is loaded, and how | statements | rows | values")
        #> what is loaded, and how | statements | rows | values
        for what, how, query in CASES:
            statements, rows, values = await measure(engine, query)
            print(f"{what}: {how} | {statements} | {rows:,} | {values:,}")
            #> orders: `selectinload` | 2 | 600 | 1,400
            #> orders: `subqueryload` | 2 | 600 | 1,900
            #> orders: `joinedload` | 1 | 500 | 3,000
            #> orders: `join` and `contains_eager` | 1 | 500 | 3,000
            #> orders and addresses: two `selectinload` | 3 | 1,000 | 2,200
            #> orders and addresses: two `subqueryload` | 3 | 1,000 | 3,100
            #> orders and addresses: two `joinedload` | 1 | 2,000 | 16,000
            #> orders and their lines: nested `selectinload` | 3 | 2,100 | 4,400
            #> orders and their lines: nested `joinedload` | 1 | 1,500 | 12,000
            #> tags, many-to-many: `selectinload` | 2 | 400 | 1,300
            #> tags, many-to-many: `joinedload` | 1 | 300 | 1,800
            #> an order's customer: `selectinload` | 2 | 600 | 1,400
            #> an order's customer: `joinedload` | 1 | 500 | 3,000
        # --8<-- [end:table]
    finally:
        async with engine.begin() as connection:
            await connection.run_sync(Base.metadata.drop_all)
        await engine.dispose()


if __name__ == "__main__":
    asyncio.run(main())
