# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0", "asyncpg", "psycopg[binary]"]
# ///
# drivers: asyncpg, psycopg (SQLite locks the whole file, so that two cannot wait for each other)
import asyncio
import os
import sys
from contextlib import suppress

from sqlalchemy import update
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


first_has_one = asyncio.Event()
met = asyncio.Barrier(2)


async def until_both_have_one(product_id: int) -> None:
    """So that the two meet, on every run and in this order, if they can."""
    first_has_one.set()
    if met.broken:
        await asyncio.sleep(0.1)  # The other one reads what the server has told it by now.
        return
    with suppress(TimeoutError, asyncio.BrokenBarrierError):
        async with asyncio.timeout(2):
            await met.wait()
        await asyncio.sleep(0.5 * (product_id - 1))  # Whoever waits first is refused: that is the one with product 1.
    await met.abort()  # Once is enough: from now on, nobody waits here.


# --8<-- [start:take]
async def take(session: AsyncSession, product_ids: list[int]) -> None:
    for product_id in sorted(product_ids):
        one_less = update(Product).values(stock=Product.stock - 1)
        await session.execute(one_less.where(Product.id == product_id))
        await until_both_have_one(product_id)


# --8<-- [end:take]


async def order(session_factory: async_sessionmaker[AsyncSession], *product_ids: int) -> None:
    if product_ids[0] != 1:
        await first_has_one.wait()  # Two that ask for the same row at once would get it in any order.
    async with session_factory.begin() as session:
        await take(session, list(product_ids))


async def main() -> None:
    engine = create_async_engine(DATABASE_URL)
    try:
        async with engine.begin() as connection:
            await connection.run_sync(Base.metadata.drop_all)
            await connection.run_sync(Base.metadata.create_all)
        session_factory = async_sessionmaker(engine)
        async with session_factory.begin() as session:
            session.add_all([Product(id=1, stock=10), Product(id=2, stock=10)])
        # --8<-- [start:both]
        orders = [order(session_factory, 1, 2), order(session_factory, 2, 1)]
        for end in await asyncio.gather(*orders, return_exceptions=True):
            if isinstance(end, BaseException):
                raise end
        # --8<-- [end:both]
    finally:
        await engine.dispose()


if __name__ == "__main__":
    asyncio.run(main())
