# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0.22", "asyncpg", "psycopg[binary]"]
# ///
# drivers: asyncpg, psycopg (SQLite has no row locks, and SQLAlchemy leaves FOR UPDATE out)
# raises: AssertionError
# silent: both customers have an order for the last one
import asyncio
import os
import sys

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

DATABASE_URL = os.environ.get("DATABASE_URL") or sys.exit(
    "needs PostgreSQL: DATABASE_URL=postgresql+asyncpg://user:password@localhost/test"
)


class Base(DeclarativeBase):
    pass


class Product(Base):
    __tablename__ = "products"

    id: Mapped[int] = mapped_column(primary_key=True)
    stock: Mapped[int]


class Order(Base):
    __tablename__ = "orders"

    id: Mapped[int] = mapped_column(primary_key=True)
    customer: Mapped[str]
    product_id: Mapped[int]


# --8<-- [start:order]
async def place_order(session: AsyncSession, customer: str) -> bool:
    sold = select(func.count()).select_from(Order).where(Order.product_id == 1)
    product = await session.get_one(Product, 1)
    if await session.scalar(sold) == product.stock:
        return False
    session.add(Order(customer=customer, product_id=1))
    return True


# --8<-- [end:order]


# --8<-- [start:step]
async def two_customers(session_factory: async_sessionmaker[AsyncSession]) -> None:
    async with session_factory() as ada, session_factory() as grace:
        await place_order(ada, "Ada")
        for_grace = asyncio.create_task(place_order(grace, "Grace"))
        await asyncio.wait([for_grace], timeout=0.5)
        await ada.commit()
        await for_grace
        await grace.commit()


# --8<-- [end:step]


async def main() -> None:
    engine = create_async_engine(DATABASE_URL)
    try:
        async with engine.begin() as connection:
            await connection.run_sync(Base.metadata.drop_all)
            await connection.run_sync(Base.metadata.create_all)
        session_factory = async_sessionmaker(engine)
        async with session_factory.begin() as session:
            session.add(Product(id=1, stock=1))
        await two_customers(session_factory)
        # --8<-- [start:check]
        async with session_factory() as session:
            orders = await session.scalar(select(func.count()).select_from(Order))
            print(f"one in stock, {orders} sold")
            #> one in stock, 2 sold
            assert orders == 1
        # --8<-- [end:check]
    finally:
        await engine.dispose()


if __name__ == "__main__":
    asyncio.run(main())
