# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0.22", "aiosqlite", "asyncpg", "psycopg[binary]"]
# ///
import asyncio
import os

from sqlalchemy import Computed
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

DATABASE_URL = os.environ.get("DATABASE_URL", "sqlite+aiosqlite:///greenlit.db")


class Base(DeclarativeBase):
    pass


class OrderLine(Base):
    __tablename__ = "order_lines"

    id: Mapped[int] = mapped_column(primary_key=True)
    price: Mapped[int]
    quantity: Mapped[int]
    total: Mapped[int] = mapped_column(Computed("price * quantity", persisted=True))


# --8<-- [start:change]
async def change_quantity(session_factory: async_sessionmaker[AsyncSession]) -> None:
    async with session_factory() as session:
        line = await session.get_one(OrderLine, 1)
        line.quantity = 3
        await session.refresh(line, ["total"])
        print(f"{line.quantity} x {line.price} = {line.total}")
        #> 3 x 250 = 750
        assert line.total == 750
        await session.commit()


# --8<-- [end:change]


async def main() -> None:
    engine = create_async_engine(DATABASE_URL)
    try:
        async with engine.begin() as connection:
            await connection.run_sync(Base.metadata.drop_all)
            await connection.run_sync(Base.metadata.create_all)
        session_factory = async_sessionmaker(engine, expire_on_commit=False)
        async with session_factory.begin() as session:
            session.add(OrderLine(id=1, price=250, quantity=1))
        await change_quantity(session_factory)
    finally:
        await engine.dispose()


if __name__ == "__main__":
    asyncio.run(main())
