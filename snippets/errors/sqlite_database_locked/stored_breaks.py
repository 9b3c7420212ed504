# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0", "aiosqlite"]
# ///
# drivers: aiosqlite (the lock on the whole file is SQLite's)
# raises: sqlalchemy.exc.OperationalError
import asyncio
import os
from collections.abc import Awaitable, Callable

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

DATABASE_URL = os.environ.get("DATABASE_URL", "sqlite+aiosqlite:///greenlit.db")


class Base(DeclarativeBase):
    pass


class Order(Base):
    __tablename__ = "orders"

    id: Mapped[int] = mapped_column(primary_key=True)
    customer: Mapped[str]


# --8<-- [start:order]
async def place_order(
    session_factory: async_sessionmaker[AsyncSession],
    customer: str,
    pay: Callable[[], Awaitable[None]],
) -> None:
    async with session_factory.begin() as session:
        session.add(Order(customer=customer))
        await session.flush()
        await pay()


# --8<-- [end:order]


# --8<-- [start:meanwhile]
async def two_customers(session_factory: async_sessionmaker[AsyncSession]) -> None:
    async def at_once() -> None:
        pass

    async def slowly() -> None:
        await place_order(session_factory, "Grace", pay=at_once)

    await place_order(session_factory, "Ada", pay=slowly)


# --8<-- [end:meanwhile]


async def main() -> None:
    # --8<-- [start:engine]
    engine = create_async_engine(DATABASE_URL, connect_args={"timeout": 0.2})
    # --8<-- [end:engine]
    try:
        async with engine.begin() as connection:
            await connection.run_sync(Base.metadata.drop_all)
            await connection.run_sync(Base.metadata.create_all)
        session_factory = async_sessionmaker(engine)
        await two_customers(session_factory)
        # --8<-- [start:stored]
        async with session_factory() as session:
            print(sorted(await session.scalars(select(Order.customer))))
        # --8<-- [end:stored]
    finally:
        await engine.dispose()


if __name__ == "__main__":
    asyncio.run(main())
