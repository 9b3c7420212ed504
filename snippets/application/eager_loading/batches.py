# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0", "aiosqlite", "asyncpg", "psycopg[binary]"]
# ///
import asyncio
import os
from typing import Any

from sqlalchemy import ForeignKey, Select, event, insert, select
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column, relationship, selectinload, subqueryload

DATABASE_URL = os.environ.get("DATABASE_URL", "sqlite+aiosqlite:///greenlit.db")


class Base(DeclarativeBase):
    pass


class Customer(Base):
    __tablename__ = "customers"

    id: Mapped[int] = mapped_column(primary_key=True)
    orders: Mapped[list["Order"]] = relationship(back_populates="customer")


class Order(Base):
    __tablename__ = "orders"

    id: Mapped[int] = mapped_column(primary_key=True)
    customer_id: Mapped[int] = mapped_column(ForeignKey("customers.id"))
    customer: Mapped[Customer] = relationship(back_populates="orders")


async def statements(engine: AsyncEngine, query: Select[Any]) -> int:
    sent: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        sent.append(statement)

    async with AsyncSession(engine) as session:
        event.listen(engine.sync_engine, "before_cursor_execute", note)
        await session.scalars(query)
        event.remove(engine.sync_engine, "before_cursor_execute", note)
    return len(sent)


async def compare(engine: AsyncEngine) -> None:
    # --8<-- [start:table]
    print("objects | orders, selectinload | orders, subqueryload | customer, selectinload")
    #> objects | orders, selectinload | orders, subqueryload | customer, selectinload
    for number in (500, 501, 1200):
        counts = [
            await statements(engine, query.limit(number))
            for query in (
                select(Customer).order_by(Customer.id).options(selectinload(Customer.orders)),
                select(Customer).order_by(Customer.id).options(subqueryload(Customer.orders)),
                select(Order).order_by(Order.id).options(selectinload(Order.customer)),
            )
        ]
        print(" | ".join(map(str, [number, *counts])))
        #> 500 | 2 | 2 | 2
        #> 501 | 3 | 2 | 3
        #> 1200 | 4 | 2 | 4
    # --8<-- [end:table]


async def main() -> None:
    engine = create_async_engine(DATABASE_URL)
    try:
        async with engine.begin() as connection:
            await connection.run_sync(Base.metadata.drop_all)
            await connection.run_sync(Base.metadata.create_all)
            numbers = range(1, 1201)
            await connection.execute(insert(Customer), [{"id": number} for number in numbers])
            await connection.execute(
                insert(Order), [{"id": number, "customer_id": number} for number in numbers]
            )
        await compare(engine)
    finally:
        async with engine.begin() as connection:
            await connection.run_sync(Base.metadata.drop_all)
        await engine.dispose()


if __name__ == "__main__":
    asyncio.run(main())
