# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0", "aiosqlite", "asyncpg", "psycopg[binary]"]
# ///
import asyncio
import os

from sqlalchemy import ForeignKey, event, select
from sqlalchemy.ext.asyncio import AsyncAttrs, AsyncSession, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column, relationship, selectinload

DATABASE_URL = os.environ.get("DATABASE_URL", "sqlite+aiosqlite:///greenlit.db")


class Base(AsyncAttrs, DeclarativeBase):
    pass


class Customer(Base):
    __tablename__ = "customers"

    id: Mapped[int] = mapped_column(primary_key=True)
    orders: Mapped[list["Order"]] = relationship(back_populates="customer")


class Order(Base):
    __tablename__ = "orders"

    id: Mapped[int] = mapped_column(primary_key=True)
    cents: Mapped[int]
    customer_id: Mapped[int] = mapped_column(ForeignKey("customers.id"))
    customer: Mapped[Customer] = relationship(back_populates="orders")


# --8<-- [start:totals]
async def print_totals(session: AsyncSession) -> None:
    everybody = select(Customer).order_by(Customer.id).options(selectinload(Customer.orders))
    for customer in (await session.scalars(everybody)).all():
        orders = await customer.awaitable_attrs.orders
        print(customer.id, sum(order.cents for order in orders))
        #> 1 1200
        #> 2 300
        #> 3 900


# --8<-- [end:totals]


async def main() -> None:
    engine = create_async_engine(DATABASE_URL)
    try:
        async with engine.begin() as connection:
            await connection.run_sync(Base.metadata.drop_all)
            await connection.run_sync(Base.metadata.create_all)
        async with AsyncSession(engine) as session, session.begin():
            session.add(Customer(id=1, orders=[Order(cents=500), Order(cents=700)]))
            session.add(Customer(id=2, orders=[Order(cents=300)]))
            session.add(Customer(id=3, orders=[Order(cents=900)]))
        # --8<-- [start:count]
        statements: list[str] = []

        @event.listens_for(engine.sync_engine, "before_cursor_execute")
        def count(_connection: object, _cursor: object, statement: str, *_: object) -> None:
            statements.append(statement)

        async with AsyncSession(engine) as session:
            await print_totals(session)
        assert len(statements) == 2, f"{len(statements)} statements for 3 customers"
        # --8<-- [end:count]
    finally:
        async with engine.begin() as connection:
            await connection.run_sync(Base.metadata.drop_all)
        await engine.dispose()


if __name__ == "__main__":
    asyncio.run(main())
