# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0", "aiosqlite", "asyncpg", "psycopg[binary]"]
# ///
import asyncio
import os
from typing import Any

from sqlalchemy import func, insert, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

DATABASE_URL = os.environ.get("DATABASE_URL", "sqlite+aiosqlite:///greenlit.db")


class Base(DeclarativeBase):
    pass


class Product(Base):
    __tablename__ = "products"

    id: Mapped[int] = mapped_column(primary_key=True)
    sku: Mapped[str]


Rows = list[dict[str, Any]]


# --8<-- [start:chunks]
async def in_chunks(
    session_factory: async_sessionmaker[AsyncSession], rows: Rows, size: int
) -> None:
    for start in range(0, len(rows), size):
        async with session_factory.begin() as session:
            await session.execute(insert(Product), rows[start : start + size])


# --8<-- [end:chunks]


async def main() -> None:
    engine = create_async_engine(DATABASE_URL)
    try:
        session_factory = async_sessionmaker(engine)
        rows: Rows = [{"id": number, "sku": f"sku-{number}"} for number in range(2500)]
        rows[2400]["sku"] = None  # Not allowed.
        for size in (2500, 1000):
            async with engine.begin() as connection:
                await connection.run_sync(Base.metadata.drop_all)
                await connection.run_sync(Base.metadata.create_all)
            # --8<-- [start:failed]
            try:
                await in_chunks(session_factory, rows, size)
            except IntegrityError:
                async with session_factory() as session:
                    stored = await session.scalar(select(func.count(Product.id)))
                print(f"chunks of {size}: {stored} of {len(rows)} rows are stored")
                #> chunks of 2500: 0 of 2500 rows are stored
                #> chunks of 1000: 2000 of 2500 rows are stored
            # --8<-- [end:failed]
    finally:
        await engine.dispose()


if __name__ == "__main__":
    asyncio.run(main())
