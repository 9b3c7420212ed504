# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0", "aiosqlite", "asyncpg", "psycopg[binary]"]
# ///
# raises: sqlalchemy.exc.MissingGreenlet, sqlalchemy.exc.StatementError
import asyncio
import os

from sqlalchemy import ForeignKey
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, MappedAsDataclass, mapped_column, relationship

DATABASE_URL = os.environ.get("DATABASE_URL", "sqlite+aiosqlite:///greenlit.db")


class Base(MappedAsDataclass, DeclarativeBase):
    pass


# --8<-- [start:model]
class Customer(Base):
    __tablename__ = "customers"

    id: Mapped[int] = mapped_column(init=False, primary_key=True)
    name: Mapped[str]


class Order(Base):
    __tablename__ = "orders"

    id: Mapped[int] = mapped_column(init=False, primary_key=True)
    customer_id: Mapped[int] = mapped_column(ForeignKey("customers.id"), init=False)
    customer: Mapped[Customer] = relationship()


# --8<-- [end:model]


# --8<-- [start:log]
async def log_order(session: AsyncSession, order_id: int) -> None:
    order = await session.get_one(Order, order_id)
    print(f"paid: {order}")


# --8<-- [end:log]


async def main() -> None:
    engine = create_async_engine(DATABASE_URL)
    try:
        async with engine.begin() as connection:
            await connection.run_sync(Base.metadata.drop_all)
            await connection.run_sync(Base.metadata.create_all)
        session_factory = async_sessionmaker(engine, expire_on_commit=False)
        async with session_factory.begin() as session:
            session.add(Order(customer=Customer(name="Ada")))
        async with session_factory() as session:
            await log_order(session, 1)
    finally:
        async with engine.begin() as connection:
            await connection.run_sync(Base.metadata.drop_all)
        await engine.dispose()


if __name__ == "__main__":
    asyncio.run(main())
