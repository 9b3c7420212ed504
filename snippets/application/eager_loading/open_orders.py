# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0", "aiosqlite", "asyncpg", "psycopg[binary]"]
# ///
import asyncio
import os

from sqlalchemy import ForeignKey, select
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, contains_eager, mapped_column, relationship, selectinload

DATABASE_URL = os.environ.get("DATABASE_URL", "sqlite+aiosqlite:///greenlit.db")


class Base(DeclarativeBase):
    pass


class Customer(Base):
    __tablename__ = "customers"

    id: Mapped[int] = mapped_column(primary_key=True)
    orders: Mapped[list["Order"]] = relationship(order_by="Order.id")


class Order(Base):
    __tablename__ = "orders"

    id: Mapped[int] = mapped_column(primary_key=True)
    customer_id: Mapped[int] = mapped_column(ForeignKey("customers.id"))
    status: Mapped[str]


async def current_customer(session: AsyncSession) -> Customer:
    """What a dependency has read before."""
    return (await session.scalars(select(Customer).options(selectinload(Customer.orders)))).one()


# --8<-- [start:open]
async def with_open_orders(session: AsyncSession) -> Customer:
    query = select(Customer).join(Customer.orders).where(Order.status == "open")
    query = query.options(contains_eager(Customer.orders))
    query = query.execution_options(populate_existing=True)
    return (await session.scalars(query)).unique().one()


# --8<-- [end:open]


async def main() -> None:
    engine = create_async_engine(DATABASE_URL)
    try:
        async with engine.begin() as connection:
            await connection.run_sync(Base.metadata.drop_all)
            await connection.run_sync(Base.metadata.create_all)
        session_factory = async_sessionmaker(engine, expire_on_commit=False)
        async with session_factory.begin() as session:
            session.add(Customer(id=1, orders=[Order(status="paid"), Order(status="open")]))
        async with session_factory() as session:
            # --8<-- [start:read]
            before = await current_customer(session)
            customer = await with_open_orders(session)
            print([order.status for order in customer.orders])
            #> ['open']
            print(before is customer)
            #> True
            # --8<-- [end:read]
    finally:
        async with engine.begin() as connection:
            await connection.run_sync(Base.metadata.drop_all)
        await engine.dispose()


if __name__ == "__main__":
    asyncio.run(main())
