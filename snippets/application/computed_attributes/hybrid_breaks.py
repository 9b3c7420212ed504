# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0", "aiosqlite", "asyncpg", "psycopg[binary]"]
# ///
# raises: sqlalchemy.exc.MissingGreenlet, sqlalchemy.exc.StatementError
import asyncio
import os
from typing import Any

from sqlalchemy import ColumnElement, ForeignKey, func, select
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker, create_async_engine
from sqlalchemy.ext.hybrid import hybrid_property
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column, relationship

DATABASE_URL = os.environ.get("DATABASE_URL", "sqlite+aiosqlite:///greenlit.db")


class Base(DeclarativeBase):
    pass


class Item(Base):
    __tablename__ = "items"

    id: Mapped[int] = mapped_column(primary_key=True)
    order_id: Mapped[int] = mapped_column(ForeignKey("orders.id"))
    price: Mapped[int]


# --8<-- [start:model]
class Order(Base):
    __tablename__ = "orders"

    id: Mapped[int] = mapped_column(primary_key=True)
    items: Mapped[list[Item]] = relationship()

    @hybrid_property
    def total(self) -> int:
        return sum(item.price for item in self.items)

    @total.inplace.expression
    @classmethod
    def _total_in_sql(cls) -> ColumnElement[Any]:
        prices = select(func.coalesce(func.sum(Item.price), 0)).where(Item.order_id == cls.id)
        return prices.scalar_subquery()


# --8<-- [end:model]


# --8<-- [start:total]
async def total_of(session: AsyncSession, order_id: int) -> int:
    order = await session.get_one(Order, order_id)
    return order.total


# --8<-- [end:total]


async def main() -> None:
    engine = create_async_engine(DATABASE_URL)
    try:
        async with engine.begin() as connection:
            await connection.run_sync(Base.metadata.drop_all)
            await connection.run_sync(Base.metadata.create_all)
        session_factory = async_sessionmaker(engine, expire_on_commit=False)
        async with session_factory.begin() as session:
            session.add(Order(id=1, items=[Item(id=1, price=5), Item(id=2, price=7)]))
        async with session_factory() as session:
            assert await total_of(session, 1) == 12
        async with session_factory() as session:
            # --8<-- [start:query]
            large = await session.execute(select(Order.id, Order.total).where(Order.total > 10))
            # --8<-- [end:query]
            assert large.all() == [(1, 12)]
    finally:
        async with engine.begin() as connection:
            await connection.run_sync(Base.metadata.drop_all)
        await engine.dispose()


if __name__ == "__main__":
    asyncio.run(main())
