# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0.22", "asyncpg", "psycopg[binary]"]
# ///
# drivers: asyncpg, psycopg (SQLite has one writer at a time, and no LISTEN)
import asyncio
import os
import sys

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

DATABASE_URL = os.environ.get("DATABASE_URL") or sys.exit(
    "needs PostgreSQL: DATABASE_URL=postgresql+asyncpg://user:password@localhost/test"
)


class Base(DeclarativeBase):
    pass


# --8<-- [start:model]
class Order(Base):
    __tablename__ = "orders"

    id: Mapped[int] = mapped_column(primary_key=True)
    seen: Mapped[bool] = mapped_column(default=False)


# --8<-- [end:model]


# --8<-- [start:catch-up]
class CatchUp:
    def __init__(self, session_factory: async_sessionmaker[AsyncSession]) -> None:
        self.session_factory = session_factory

    async def __call__(self) -> list[int]:
        async with self.session_factory.begin() as session:
            new = select(Order).where(Order.seen.is_(False)).order_by(Order.id)
            orders = (await session.scalars(new)).all()
            for order in orders:
                order.seen = True
            return [order.id for order in orders]


# --8<-- [end:catch-up]


async def main() -> None:
    engine = create_async_engine(DATABASE_URL)
    try:
        async with engine.begin() as connection:
            await connection.run_sync(Base.metadata.drop_all)
            await connection.run_sync(Base.metadata.create_all)
        session_factory = async_sessionmaker(engine, expire_on_commit=False)
        # --8<-- [start:two]
        catch_up = CatchUp(session_factory)
        async with session_factory() as slow, session_factory() as quick:
            slow.add(Order())
            await slow.flush()
            quick.add(Order())
            await quick.commit()
            print("read:", await catch_up())
            #> read: [2]
            await slow.commit()
            print("read:", await catch_up())
            #> read: [1]
        # --8<-- [end:two]
    finally:
        await engine.dispose()


if __name__ == "__main__":
    asyncio.run(main())
