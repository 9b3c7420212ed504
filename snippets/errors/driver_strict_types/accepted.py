# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0.22", "aiosqlite", "psycopg[binary]"]
# ///
# also: psycopg==3.2.*
# drivers: aiosqlite, psycopg (asyncpg refuses both values: driver_strict_types_breaks)
import asyncio
import os

from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

DATABASE_URL = os.environ.get("DATABASE_URL", "sqlite+aiosqlite:///greenlit.db")


class Base(DeclarativeBase):
    pass


class Order(Base):
    __tablename__ = "orders"

    id: Mapped[int] = mapped_column(primary_key=True)
    reference: Mapped[str]
    pieces: Mapped[int]


# --8<-- [start:store]
async def store(session_factory: async_sessionmaker[AsyncSession]) -> None:
    async with session_factory() as session:
        session.add(Order(id=1, reference=4711, pieces="3"))
        await session.commit()
    async with session_factory() as session:
        order = await session.get_one(Order, 1)
        print(repr(order.reference), repr(order.pieces))
        #> '4711' 3


# --8<-- [end:store]


async def main() -> None:
    engine = create_async_engine(DATABASE_URL)
    try:
        async with engine.begin() as connection:
            await connection.run_sync(Base.metadata.drop_all)
            await connection.run_sync(Base.metadata.create_all)
        await store(async_sessionmaker(engine))
    finally:
        await engine.dispose()


if __name__ == "__main__":
    asyncio.run(main())
