# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0.22", "aiosqlite", "asyncpg", "psycopg[binary]"]
# ///
import asyncio
import os
from collections.abc import Awaitable, Callable

from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column
from sqlalchemy.orm.exc import StaleDataError

DATABASE_URL = os.environ.get("DATABASE_URL", "sqlite+aiosqlite:///greenlit.db")


class Base(DeclarativeBase):
    pass


class Order(Base):
    __tablename__ = "orders"

    id: Mapped[int] = mapped_column(primary_key=True)
    state: Mapped[str]
    version: Mapped[int] = mapped_column()

    __mapper_args__ = {"version_id_col": version}


others = ["Grace"]
sent: list[str] = []


async def somebody_else_edits(session_factory: async_sessionmaker[AsyncSession]) -> None:
    if others:
        async with session_factory.begin() as session:
            order = await session.get_one(Order, 1)
            order.state = f"packed by {others.pop()}"


async def with_retry(work: Callable[[], Awaitable[object]]) -> None:
    for attempt in (1, 2, 3):
        try:
            await work()
            return
        except StaleDataError:
            if attempt == 3:
                raise


# --8<-- [start:ship]
async def ship(session_factory: async_sessionmaker[AsyncSession]) -> None:
    async with session_factory.begin() as session:
        order = await session.get_one(Order, 1)
        await somebody_else_edits(session_factory)
        order.state = "shipped"


async def ship_and_tell(session_factory: async_sessionmaker[AsyncSession]) -> None:
    await with_retry(lambda: ship(session_factory))
    sent.append("Your order is on its way")


# --8<-- [end:ship]


async def main() -> None:
    engine = create_async_engine(DATABASE_URL)
    try:
        async with engine.begin() as connection:
            await connection.run_sync(Base.metadata.drop_all)
            await connection.run_sync(Base.metadata.create_all)
        session_factory = async_sessionmaker(engine)
        async with session_factory.begin() as session:
            session.add(Order(id=1, state="paid"))
        await ship_and_tell(session_factory)
        # --8<-- [start:check]
        print(f"mails: {len(sent)}")
        #> mails: 1
        assert len(sent) == 1
        # --8<-- [end:check]
    finally:
        await engine.dispose()


if __name__ == "__main__":
    asyncio.run(main())
