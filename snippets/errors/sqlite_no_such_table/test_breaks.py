# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0", "aiosqlite"]
# ///
# drivers: aiosqlite (a database in memory is SQLite's)
# raises: sqlalchemy.exc.OperationalError
import asyncio

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncEngine, async_sessionmaker, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column
from sqlalchemy.pool import NullPool


class Base(DeclarativeBase):
    pass


class Order(Base):
    __tablename__ = "orders"

    id: Mapped[int] = mapped_column(primary_key=True)
    customer: Mapped[str]


# --8<-- [start:engine]
def engine_for_tests() -> AsyncEngine:
    return create_async_engine("sqlite+aiosqlite:///:memory:", poolclass=NullPool)


# --8<-- [end:engine]


# --8<-- [start:test]
async def test_orders(engine: AsyncEngine) -> None:
    async with engine.begin() as connection:
        await connection.run_sync(Base.metadata.create_all)

    async with async_sessionmaker(engine).begin() as session:
        print(list(await session.scalars(select(Order.customer))))


# --8<-- [end:test]


async def main() -> None:
    engine = engine_for_tests()
    try:
        await test_orders(engine)
    finally:
        await engine.dispose()


if __name__ == "__main__":
    asyncio.run(main())
