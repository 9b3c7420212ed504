# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0", "asyncpg"]
# ///
# drivers: asyncpg (psycopg sends the BEGIN itself, before the COPY)
# silent: the transaction was rolled back, and the rows are stored
import asyncio
import os
import sys
from collections.abc import Sequence
from typing import Any

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
    sku: Mapped[str]
    price: Mapped[int]


# --8<-- [start:copy]
async def copy(session: AsyncSession, rows: Sequence[tuple[str, int]]) -> None:
    connection = await session.connection()
    raw = await connection.get_raw_connection()
    driver: Any = raw.driver_connection
    await driver.copy_records_to_table("products", records=rows, columns=["sku", "price"])


# --8<-- [end:copy]


async def main() -> None:
    engine = create_async_engine(DATABASE_URL)
    try:
        async with engine.begin() as connection:
            await connection.run_sync(Base.metadata.drop_all)
            await connection.run_sync(Base.metadata.create_all)
        session_factory = async_sessionmaker(engine)
        # --8<-- [start:rollback]
        async with session_factory() as session:
            await copy(session, [("tea", 3), ("mug", 9)])
            await session.rollback()
            print(await session.scalar(select(func.count(Product.id))), "rows")
            #> 2 rows
        # --8<-- [end:rollback]
    finally:
        await engine.dispose()


if __name__ == "__main__":
    asyncio.run(main())
