# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0", "aiosqlite"]
# ///
# drivers: aiosqlite (a database in memory is SQLite's)
import asyncio
import os

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncEngine, async_sessionmaker, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

DATABASE_URL = os.environ.get("DATABASE_URL", "sqlite+aiosqlite:///greenlit.db")


class Base(DeclarativeBase):
    pass


class Order(Base):
    __tablename__ = "orders"

    id: Mapped[int] = mapped_column(primary_key=True)
    customer: Mapped[str]


# --8<-- [start:engine]
def make_engine(file: str) -> AsyncEngine:
    return create_async_engine(file)


# --8<-- [end:engine]


# --8<-- [start:sessions]
async def two_sessions(engine: AsyncEngine) -> None:
    session_factory = async_sessionmaker(engine)
    async with session_factory() as ada:
        ada.add(Order(customer="Ada"))
        await ada.flush()
        async with session_factory() as grace:
            print("Grace sees", list(await grace.scalars(select(Order.customer))))
            #> Grace sees []
        await ada.commit()
    async with session_factory() as later:
        stored = list(await later.scalars(select(Order.customer)))
    assert stored == ["Ada"], stored


# --8<-- [end:sessions]


async def main() -> None:
    engine = make_engine(DATABASE_URL)
    try:
        async with engine.begin() as connection:
            await connection.run_sync(Base.metadata.drop_all)
            await connection.run_sync(Base.metadata.create_all)
        await two_sessions(engine)
    finally:
        await engine.dispose()


if __name__ == "__main__":
    asyncio.run(main())
