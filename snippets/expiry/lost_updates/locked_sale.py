# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0.22", "asyncpg", "psycopg[binary]"]
# ///
# drivers: asyncpg, psycopg (SQLite ignores FOR UPDATE: locked_sale_sqlite_breaks)
import asyncio
import os
import sys

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


# --8<-- [start:sell]
async def sell_two(session_factory: async_sessionmaker[AsyncSession]) -> None:
    async with session_factory() as ada, session_factory() as grace:
        for_ada = await ada.get_one(Product, 1, with_for_update=True)
        waiting = asyncio.create_task(grace.get_one(Product, 1, with_for_update=True))
        done, _ = await asyncio.wait([waiting], timeout=1)
        print(f"the second reader has its row: {bool(done)}")
        #> the second reader has its row: False
        for_ada.stock -= 1
        await ada.commit()
        for_grace = await waiting
        for_grace.stock -= 1
        await grace.commit()


# --8<-- [end:sell]


async def main() -> None:
    engine = create_async_engine(DATABASE_URL)
    try:
        async with engine.begin() as connection:
            await connection.run_sync(Base.metadata.drop_all)
            await connection.run_sync(Base.metadata.create_all)
        session_factory = async_sessionmaker(engine)
        async with session_factory.begin() as session:
            session.add(Product(id=1, stock=10))
        await sell_two(session_factory)
        async with session_factory() as session:
            stock = (await session.get_one(Product, 1)).stock
            assert stock == 8, f"two sold of ten, and the stock is {stock}"
    finally:
        await engine.dispose()


if __name__ == "__main__":
    asyncio.run(main())
