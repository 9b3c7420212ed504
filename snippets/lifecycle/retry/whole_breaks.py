# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0.22", "asyncpg", "psycopg[binary]"]
# ///
# drivers: asyncpg, psycopg (SQLite has no such isolation level)
# raises: sqlalchemy.exc.DBAPIError, sqlalchemy.exc.InternalError
import asyncio
import os
import sys
from collections.abc import Awaitable, Callable

from sqlalchemy import update
from sqlalchemy.exc import DBAPIError
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


others = ["Grace"]


async def somebody_else_buys(session_factory: async_sessionmaker[AsyncSession]) -> None:
    if others:
        print(f"meanwhile, {others.pop()} buys one")
        #> meanwhile, Grace buys one
        async with session_factory.begin() as session:
            product = await session.get_one(Product, 1)
            product.stock -= 1


# --8<-- [start:retry]
def worth_a_retry(error: DBAPIError) -> bool:
    return getattr(error.orig, "sqlstate", None) in ("40001", "40P01")


async def with_retry(work: Callable[[], Awaitable[object]]) -> None:
    for attempt in (1, 2, 3):
        try:
            await work()
            return
        except DBAPIError as error:
            if attempt == 3 or not worth_a_retry(error):
                raise
            print(f"attempt {attempt}: {error.orig}")
            #> attempt 1: could not serialize access due to concurrent update


# --8<-- [end:retry]


# --8<-- [start:buy]
async def buy(session_factory: async_sessionmaker[AsyncSession]) -> None:
    async with session_factory.begin() as session:
        product = await session.get_one(Product, 1)
        await somebody_else_buys(session_factory)
        statement = update(Product).values(stock=product.stock - 1)
        await with_retry(lambda: session.execute(statement))


# --8<-- [end:buy]


async def main() -> None:
    engine = create_async_engine(DATABASE_URL)
    try:
        async with engine.begin() as connection:
            await connection.run_sync(Base.metadata.drop_all)
            await connection.run_sync(Base.metadata.create_all)
        strict = engine.execution_options(isolation_level="REPEATABLE READ")
        session_factory = async_sessionmaker(strict)
        async with session_factory.begin() as session:
            session.add(Product(id=1, stock=10))
        # --8<-- [start:call]
        await buy(session_factory)
        # --8<-- [end:call]
        async with session_factory() as session:
            product = await session.get_one(Product, 1)
            assert product.stock == 8, f"two of ten were sold, and the stock is {product.stock}"
    finally:
        await engine.dispose()


if __name__ == "__main__":
    asyncio.run(main())
