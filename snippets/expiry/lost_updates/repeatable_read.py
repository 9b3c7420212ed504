# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0.22", "asyncpg", "psycopg[binary]"]
# ///
# drivers: asyncpg, psycopg (SQLite has no REPEATABLE READ)
import asyncio
import os
import sys

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


# --8<-- [start:sell]
async def sell_two(session_factory: async_sessionmaker[AsyncSession]) -> None:
    async with session_factory() as ada, session_factory() as grace:
        for_grace = await grace.get_one(Product, 1)
        for_ada = await ada.get_one(Product, 1)
        for_ada.stock -= 1
        await ada.commit()
        await grace.refresh(for_grace)
        print(f"refreshed: {for_grace.stock}")
        #> refreshed: 10
        for_grace.stock -= 1
        try:
            await grace.commit()
        except DBAPIError as error:
            print(str(error.orig).splitlines()[0])
            #> could not serialize access due to concurrent update


# --8<-- [end:sell]


async def main() -> None:
    engine = create_async_engine(DATABASE_URL)
    try:
        async with engine.begin() as connection:
            await connection.run_sync(Base.metadata.drop_all)
            await connection.run_sync(Base.metadata.create_all)
        # --8<-- [start:engine]
        strict = engine.execution_options(isolation_level="REPEATABLE READ")
        session_factory = async_sessionmaker(strict)
        # --8<-- [end:engine]
        async with session_factory.begin() as session:
            session.add(Product(id=1, stock=10))
        await sell_two(session_factory)
    finally:
        await engine.dispose()


if __name__ == "__main__":
    asyncio.run(main())
