# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0.22", "aiosqlite", "asyncpg", "psycopg[binary]"]
# ///
# raises: AssertionError
# silent: the query is sent, and the object keeps its old value
import asyncio
import os

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

DATABASE_URL = os.environ.get("DATABASE_URL", "sqlite+aiosqlite:///greenlit.db")


class Base(DeclarativeBase):
    pass


class Order(Base):
    __tablename__ = "orders"

    id: Mapped[int] = mapped_column(primary_key=True)
    state: Mapped[str]


# --8<-- [start:wait]
async def wait_for_payment(session_factory: async_sessionmaker[AsyncSession]) -> str:
    async with session_factory() as session:
        order = await session.get_one(Order, 1)
        await session.commit()

        await the_customer_pays(session_factory)

        query = select(Order).where(Order.id == 1)
        order = (await session.scalars(query)).one()
        return order.state


# --8<-- [end:wait]


# --8<-- [start:pay]
async def the_customer_pays(session_factory: async_sessionmaker[AsyncSession]) -> None:
    async with session_factory.begin() as another_session:
        order = await another_session.get_one(Order, 1)
        order.state = "paid"


# --8<-- [end:pay]


async def main() -> None:
    engine = create_async_engine(DATABASE_URL)
    try:
        async with engine.begin() as connection:
            await connection.run_sync(Base.metadata.drop_all)
            await connection.run_sync(Base.metadata.create_all)
        session_factory = async_sessionmaker(engine, expire_on_commit=False)
        async with session_factory.begin() as session:
            session.add(Order(id=1, state="open"))
        # --8<-- [start:check]
        state = await wait_for_payment(session_factory)
        assert state == "paid", f"the order is paid, and the session says {state}"
        # --8<-- [end:check]
    finally:
        await engine.dispose()


if __name__ == "__main__":
    asyncio.run(main())
