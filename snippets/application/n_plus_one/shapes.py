# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0", "aiosqlite", "asyncpg", "psycopg[binary]"]
# ///
import asyncio
import os
from collections.abc import Awaitable, Callable

from sqlalchemy import ForeignKey, event, func, select
from sqlalchemy.ext.asyncio import (
    AsyncAttrs,
    AsyncEngine,
    AsyncSession,
    async_sessionmaker,
    create_async_engine,
)
from sqlalchemy.orm import (
    DeclarativeBase,
    Mapped,
    Session,
    immediateload,
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
    name: Mapped[str]
    orders: Mapped[list["Order"]] = relationship(back_populates="customer")


class Order(Base):
    __tablename__ = "orders"

    id: Mapped[int] = mapped_column(primary_key=True)
    cents: Mapped[int]
    customer_id: Mapped[int] = mapped_column(ForeignKey("customers.id"))
    customer: Mapped[Customer] = relationship(back_populates="orders")


# --8<-- [start:models]
class Category(Base):
    __tablename__ = "categories"

    id: Mapped[int] = mapped_column(primary_key=True)
    parent_id: Mapped[int | None] = mapped_column(ForeignKey("categories.id"))
    children: Mapped[list["Category"]] = relationship()


class Product(Base):
    __tablename__ = "products"

    id: Mapped[int] = mapped_column(primary_key=True)
    reviews: Mapped[list["Review"]] = relationship(lazy="selectin")


# --8<-- [end:models]


class Review(Base):
    __tablename__ = "reviews"

    id: Mapped[int] = mapped_column(primary_key=True)
    product_id: Mapped[int] = mapped_column(ForeignKey("products.id"))


Factory = async_sessionmaker[AsyncSession]


async def by_query(factory: Factory) -> None:
    async with factory() as session:
        for customer in (await session.scalars(select(Customer))).all():
            await session.scalars(select(Order).where(Order.customer_id == customer.id))


async def by_awaitable_attrs(factory: Factory) -> None:
    async with factory() as session:
        for customer in (await session.scalars(select(Customer))).all():
            await customer.awaitable_attrs.orders


async def by_refresh(factory: Factory) -> None:
    async with factory() as session:
        for customer in (await session.scalars(select(Customer))).all():
            await session.refresh(customer, ["orders"])


async def by_get(factory: Factory) -> None:
    async with factory() as session:
        for order in (await session.scalars(select(Order))).all():
            await session.get(Customer, order.customer_id)


def read_all(session: Session) -> None:
    for customer in session.scalars(select(Customer)).all():
        len(customer.orders)


async def by_run_sync(factory: Factory) -> None:
    async with factory() as session:
        await session.run_sync(read_all)


async def by_immediateload(factory: Factory) -> None:
    async with factory() as session:
        await session.scalars(select(Customer).options(immediateload(Customer.orders)))


async def orders_of(factory: Factory, customer_id: int) -> None:
    async with factory() as session:
        await session.scalars(select(Order).where(Order.customer_id == customer_id))


async def by_gather(factory: Factory) -> None:
    async with factory() as session:
        ids = (await session.scalars(select(Customer.id))).all()
    await asyncio.gather(*(orders_of(factory, customer_id) for customer_id in ids))


async def visit(category: Category) -> None:
    for child in await category.awaitable_attrs.children:
        await visit(child)


async def by_recursion(factory: Factory) -> None:
    async with factory() as session:
        await visit((await session.scalars(select(Category).where(Category.parent_id.is_(None)))).one())


async def by_get_of_lazy_selectin(factory: Factory) -> None:
    async with factory() as session:
        for product_id in (await session.scalars(select(Product.id))).all():
            await session.get(Product, product_id)


async def by_selectinload(factory: Factory) -> None:
    async with factory() as session:
        await session.scalars(select(Customer).options(selectinload(Customer.orders)))


async def by_many_to_one(factory: Factory) -> None:
    async with factory() as session:
        await session.scalars(select(Order).options(joinedload(Order.customer)))


async def by_recursion_depth(factory: Factory) -> None:
    async with factory() as session:
        tree = selectinload(Category.children, recursion_depth=-1)
        root = select(Category).where(Category.parent_id.is_(None))
        await visit((await session.scalars(root.options(tree))).one())


async def by_in(factory: Factory) -> None:
    async with factory() as session:
        ids = (await session.scalars(select(Product.id))).all()
        await session.scalars(select(Product).where(Product.id.in_(ids)))


async def by_group(factory: Factory) -> None:
    async with factory() as session:
        total = func.sum(Order.cents)
        await session.execute(select(Customer.name, total).join(Order).group_by(Customer.id, Customer.name))


LOOPS: dict[str, Callable[[Factory], Awaitable[None]]] = {
    "a query for each customer": by_query,
    "`await customer.awaitable_attrs.orders` in a loop": by_awaitable_attrs,
    '`await session.refresh(customer, ["orders"])` in a loop': by_refresh,
    "`await session.get(Customer, order.customer_id)` in a loop": by_get,
    "a function in `run_sync()` that reads `customer.orders`": by_run_sync,
    "`immediateload(Customer.orders)`": by_immediateload,
    "`asyncio.gather`, a session and a query for each": by_gather,
    "`awaitable_attrs.children`, from a root down its tree": by_recursion,
    '`session.get(Product, …)` in a loop, with `lazy="selectin"`': by_get_of_lazy_selectin,
}
FIXES: dict[str, Callable[[Factory], Awaitable[None]]] = {
    "`selectinload(Customer.orders)`": by_selectinload,
    "`joinedload(Order.customer)`": by_many_to_one,
    "`selectinload(Category.children, recursion_depth=-1)`": by_recursion_depth,
    '`select(Product).where(Product.id.in_(ids))`, with `lazy="selectin"`': by_in,
    "`select(Customer.name, func.sum(Order.cents)) … group_by(…)`": by_group,
}


async def count(engine: AsyncEngine, ask: Callable[[Factory], Awaitable[None]]) -> int:
    sent: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        sent.append(statement)

    event.listen(engine.sync_engine, "before_cursor_execute", note)
    await ask(async_sessionmaker(engine))
    event.remove(engine.sync_engine, "before_cursor_execute", note)
    return len(sent)


async def fill(engine: AsyncEngine, number: int) -> None:
    """So many customers with an order each, categories in a tree, and products."""
    async with engine.begin() as connection:
        await connection.run_sync(Base.metadata.drop_all)
        await connection.run_sync(Base.metadata.create_all)
    async with AsyncSession(engine) as session:
        for name in range(number):
            session.add(Customer(name=str(name), orders=[Order(cents=100)]))
            session.add(Product(reviews=[Review()]))
        session.add(Category(children=[Category() for _ in range(number - 1)]))
        await session.commit()


async def counted(engine: AsyncEngine) -> dict[str, list[int]]:
    counts: dict[str, list[int]] = {name: [] for name in (*LOOPS, *FIXES)}
    for number in (3, 30):
        await fill(engine, number)
        for name, ask in (LOOPS | FIXES).items():
            counts[name].append(await count(engine, ask))
    return counts


async def main() -> None:
    engine = create_async_engine(DATABASE_URL)
    try:
        counts = await counted(engine)
        # --8<-- [start:loops]
        print("statements for | 3 rows | 30 rows")
        #> statements for | 3 rows | 30 rows
        for name in LOOPS:
            print(" | ".join([name, *map(str, counts[name])]))
            #> a query for each customer | 4 | 31
            #> `await customer.awaitable_attrs.orders` in a loop | 4 | 31
            #> `await session.refresh(customer, ["orders"])` in a loop | 7 | 61
            #> `await session.get(Customer, order.customer_id)` in a loop | 4 | 31
            #> a function in `run_sync()` that reads `customer.orders` | 4 | 31
            #> `immediateload(Customer.orders)` | 4 | 31
            #> `asyncio.gather`, a session and a query for each | 4 | 31
            #> `awaitable_attrs.children`, from a root down its tree | 4 | 31
            #> `session.get(Product, …)` in a loop, with `lazy="selectin"` | 7 | 61
        # --8<-- [end:loops]
        # --8<-- [start:fixes]
        print("statements for | 3 rows | 30 rows")
        #> statements for | 3 rows | 30 rows
        for name in FIXES:
            print(" | ".join([name, *map(str, counts[name])]))
            #> `selectinload(Customer.orders)` | 2 | 2
            #> `joinedload(Order.customer)` | 1 | 1
            #> `selectinload(Category.children, recursion_depth=-1)` | 3 | 3
            #> `select(Product).where(Product.id.in_(ids))`, with `lazy="selectin"` | 3 | 3
            #> `select(Customer.name, func.sum(Order.cents)) … group_by(…)` | 1 | 1
        # --8<-- [end:fixes]
    finally:
        async with engine.begin() as connection:
            await connection.run_sync(Base.metadata.drop_all)
        await engine.dispose()


if __name__ == "__main__":
    asyncio.run(main())
