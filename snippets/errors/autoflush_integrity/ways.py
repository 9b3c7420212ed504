# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0.22", "aiosqlite", "asyncpg", "psycopg[binary]"]
# ///
import asyncio
import os
from collections.abc import Awaitable, Callable

from sqlalchemy import ForeignKey, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column, relationship

DATABASE_URL = os.environ.get("DATABASE_URL", "sqlite+aiosqlite:///greenlit.db")


class Base(DeclarativeBase):
    pass


class Customer(Base):
    __tablename__ = "customers"

    id: Mapped[int] = mapped_column(primary_key=True)
    email: Mapped[str]
    orders: Mapped[list["Order"]] = relationship(back_populates="customer")


class Order(Base):
    __tablename__ = "orders"

    id: Mapped[int] = mapped_column(primary_key=True)
    customer_id: Mapped[int] = mapped_column(ForeignKey("customers.id"))
    customer: Mapped[Customer] = relationship(back_populates="orders")


ADA = select(Customer).where(Customer.email == "ada@example.org")


# --8<-- [start:ways]
async def query(session: AsyncSession) -> None:
    session.add(Order())
    (await session.scalars(ADA)).one()


async def execute(session: AsyncSession) -> None:
    session.add(Order())
    (await session.execute(ADA)).scalar_one()


async def get(session: AsyncSession) -> None:
    session.add(Order())
    await session.get_one(Customer, 1)


async def refresh(session: AsyncSession) -> None:
    customer = await session.get_one(Customer, 1)
    session.add(Order())
    await session.refresh(customer)


async def awaitable_attribute(session: AsyncSession) -> None:
    customer = await session.get_one(Customer, 1)
    session.add(Order())
    await session.run_sync(lambda _: customer.orders)


async def flush(session: AsyncSession) -> None:
    session.add(Order())
    await session.flush()


async def no_autoflush(session: AsyncSession) -> None:
    order = Order()
    session.add(order)
    with session.no_autoflush:
        order.customer = (await session.scalars(ADA)).one()
    await session.flush()


# --8<-- [end:ways]


WAYS: list[Callable[[AsyncSession], Awaitable[None]]] = [
    query,
    execute,
    get,
    refresh,
    awaitable_attribute,
    flush,
    no_autoflush,
]


# --8<-- [start:table]
async def compare(session_factory: async_sessionmaker[AsyncSession]) -> None:
    print("an incomplete order is in the session, and then | what happens")
    #> an incomplete order is in the session, and then | what happens
    for way in WAYS:
        try:
            async with session_factory() as session:
                await way(session)
            outcome = "works"
        except IntegrityError as error:
            says = "raised as a result of Query-invoked autoflush" in str(error)
            outcome = "raises, and names autoflush" if says else "raises"
        print(f"`{way.__name__}()` | {outcome}")
        #> `query()` | raises, and names autoflush
        #> `execute()` | raises, and names autoflush
        #> `get()` | raises, and names autoflush
        #> `refresh()` | raises, and names autoflush
        #> `awaitable_attribute()` | raises, and names autoflush
        #> `flush()` | raises
        #> `no_autoflush()` | works


# --8<-- [end:table]


async def main() -> None:
    engine = create_async_engine(DATABASE_URL)
    try:
        async with engine.begin() as connection:
            await connection.run_sync(Base.metadata.drop_all)
            await connection.run_sync(Base.metadata.create_all)
        session_factory = async_sessionmaker(engine)
        async with session_factory.begin() as session:
            session.add(Customer(id=1, email="ada@example.org"))
        await compare(session_factory)
    finally:
        async with engine.begin() as connection:
            await connection.run_sync(Base.metadata.drop_all)
        await engine.dispose()


if __name__ == "__main__":
    asyncio.run(main())
