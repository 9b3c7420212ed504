# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0", "aiosqlite", "asyncpg", "psycopg[binary]"]
# ///
# silent: the total of the order lacks the line that was added
import asyncio
import os

from sqlalchemy import ForeignKey, func, select
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

DATABASE_URL = os.environ.get("DATABASE_URL", "sqlite+aiosqlite:///greenlit.db")


class Base(DeclarativeBase):
    pass


class Order(Base):
    __tablename__ = "orders"

    id: Mapped[int] = mapped_column(primary_key=True)
    total: Mapped[int] = mapped_column(default=0)


class OrderLine(Base):
    __tablename__ = "order_lines"

    id: Mapped[int] = mapped_column(primary_key=True)
    order_id: Mapped[int] = mapped_column(ForeignKey("orders.id"))
    price: Mapped[int]


# --8<-- [start:add]
async def add_line(session: AsyncSession, order: Order, price: int) -> None:
    session.add(OrderLine(order_id=order.id, price=price))
    total = select(func.sum(OrderLine.price)).where(OrderLine.order_id == order.id)
    connection = await session.connection()
    order.total = await connection.scalar(total) or 0


# --8<-- [end:add]


async def main() -> None:
    engine = create_async_engine(DATABASE_URL)
    session_factory = async_sessionmaker(engine, expire_on_commit=False)
    try:
        async with engine.begin() as connection:
            await connection.run_sync(Base.metadata.drop_all)
            await connection.run_sync(Base.metadata.create_all)
        async with session_factory.begin() as session:
            session.add(Order(id=1))
        async with session_factory.begin() as session:
            order = await session.get_one(Order, 1)
            await add_line(session, order, price=900)
        # --8<-- [start:read]
        async with session_factory() as session:
            total = await session.scalar(select(Order.total))
            lines = await session.scalar(select(func.sum(OrderLine.price)))
            print("stored total:", total, "- lines:", lines)
            #> stored total: 0 - lines: 900
        # --8<-- [end:read]
    finally:
        async with engine.begin() as connection:
            await connection.run_sync(Base.metadata.drop_all)
        await engine.dispose()


if __name__ == "__main__":
    asyncio.run(main())
