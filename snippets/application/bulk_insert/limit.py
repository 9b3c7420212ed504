# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0", "asyncpg"]
# ///
# drivers: asyncpg (psycopg has another limit and message, and SQLite's limit depends on how it was built)
# unrecorded: one of its statements has 66,000 parameters
import asyncio
import os
import sys
from collections.abc import Sequence
from typing import Any

from sqlalchemy import func, insert, select
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
    sku: Mapped[str]
    price: Mapped[int]


ROWS = [{"id": number, "sku": f"sku-{number}", "price": 5} for number in range(22_000)]


async def store(session: AsyncSession, rows: Sequence[dict[str, Any]]) -> None:
    # --8<-- [start:store]
    try:
        await session.execute(insert(Product).values(rows))
    except DBAPIError as error:
        print(type(error).__name__, "-", str(error.orig).rpartition(": ")[2])
        #> InterfaceError - the number of query arguments cannot exceed 32767
    await session.rollback()
    await session.execute(insert(Product), rows)
    # --8<-- [end:store]


async def main() -> None:
    engine = create_async_engine(DATABASE_URL)
    try:
        async with engine.begin() as connection:
            await connection.run_sync(Base.metadata.drop_all)
            await connection.run_sync(Base.metadata.create_all)
        session_factory = async_sessionmaker(engine)
        async with session_factory() as session:
            await store(session, ROWS)
            assert await session.scalar(select(func.count(Product.id))) == len(ROWS)
    finally:
        await engine.dispose()


if __name__ == "__main__":
    asyncio.run(main())
