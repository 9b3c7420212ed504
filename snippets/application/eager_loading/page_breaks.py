# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0", "aiosqlite", "asyncpg", "psycopg[binary]"]
# ///
# silent: a page of two customers has one, and one of its three orders is missing
import asyncio
import os
from collections.abc import Sequence

from sqlalchemy import ForeignKey, select
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, contains_eager, mapped_column, relationship

DATABASE_URL = os.environ.get("DATABASE_URL", "sqlite+aiosqlite:///greenlit.db")


class Base(DeclarativeBase):
    pass


class Customer(Base):
    __tablename__ = "customers"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]
    orders: Mapped[list["Order"]] = relationship(order_by="Order.id")


class Order(Base):
    __tablename__ = "orders"

    id: Mapped[int] = mapped_column(primary_key=True)
    customer_id: Mapped[int] = mapped_column(ForeignKey("customers.id"))


# --8<-- [start:page]
async def first_page(session: AsyncSession) -> Sequence[Customer]:
    query = select(Customer).order_by(Customer.id).limit(2)
    query = query.join(Customer.orders).options(contains_eager(Customer.orders))
    return (await session.scalars(query)).unique().all()


# --8<-- [end:page]


async def main() -> None:
    engine = create_async_engine(DATABASE_URL)
    try:
        async with engine.begin() as connection:
            await connection.run_sync(Base.metadata.drop_all)
            await connection.run_sync(Base.metadata.create_all)
        session_factory = async_sessionmaker(engine, expire_on_commit=False)
        async with session_factory.begin() as session:
            session.add(Customer(id=1, name="Ada", orders=[Order(), Order(), Order()]))
            session.add(Customer(id=2, name="Grace", orders=[Order()]))
            session.add(Customer(id=3, name="Edsger", orders=[Order()]))
        async with session_factory() as session:
            # --8<-- [start:read]
            for customer in await first_page(session):
                print(customer.name, len(customer.orders))
                #> Ada 2
            # --8<-- [end:read]
    finally:
        async with engine.begin() as connection:
            await connection.run_sync(Base.metadata.drop_all)
        await engine.dispose()


if __name__ == "__main__":
    asyncio.run(main())
