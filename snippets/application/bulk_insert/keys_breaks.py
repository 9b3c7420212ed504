# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0", "aiosqlite", "asyncpg", "psycopg[binary]"]
# ///
# silent: the note of the second product is not stored
import asyncio
import os
from typing import Any

from sqlalchemy import insert, select
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

DATABASE_URL = os.environ.get("DATABASE_URL", "sqlite+aiosqlite:///greenlit.db")


class Base(DeclarativeBase):
    pass


class Product(Base):
    __tablename__ = "products"

    id: Mapped[int] = mapped_column(primary_key=True)
    sku: Mapped[str]
    note: Mapped[str | None]


# --8<-- [start:rows]
ROWS: list[dict[str, Any]] = [{"sku": "tea"}, {"sku": "mug", "note": "fragile"}]
# --8<-- [end:rows]


# --8<-- [start:store]
async def store(session: AsyncSession) -> None:
    connection = await session.connection()
    await connection.execute(insert(Product), ROWS)


# --8<-- [end:store]


async def main() -> None:
    engine = create_async_engine(DATABASE_URL)
    try:
        async with engine.begin() as connection:
            await connection.run_sync(Base.metadata.drop_all)
            await connection.run_sync(Base.metadata.create_all)
        session_factory = async_sessionmaker(engine)
        async with session_factory.begin() as session:
            await store(session)
            # --8<-- [start:read]
            for sku, note in await session.execute(select(Product.sku, Product.note).order_by(Product.id)):
                print(sku, note)
                #> tea None
                #> mug None
            # --8<-- [end:read]
    finally:
        await engine.dispose()


if __name__ == "__main__":
    asyncio.run(main())
