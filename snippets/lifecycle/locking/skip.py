# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0", "asyncpg", "psycopg[binary]"]
# ///
# drivers: asyncpg, psycopg (SQLite has no row locks, and SQLAlchemy leaves FOR UPDATE out)
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


class Seat(Base):
    __tablename__ = "seats"

    name: Mapped[str] = mapped_column(primary_key=True)
    customer: Mapped[str | None]


# --8<-- [start:take]
async def take_seat(session: AsyncSession, customer: str) -> str | None:
    free = select(Seat).where(Seat.customer.is_(None)).order_by(Seat.name).limit(1)
    seat = await session.scalar(free.with_for_update(skip_locked=True))
    if seat is None:
        return None
    seat.customer = customer
    return seat.name


async def three_customers(session_factory: async_sessionmaker[AsyncSession]) -> None:
    async with (
        session_factory.begin() as ada,
        session_factory.begin() as grace,
        session_factory.begin() as joan,
    ):
        print(await take_seat(ada, "Ada"), await take_seat(grace, "Grace"), await take_seat(joan, "Joan"))
        #> 1A 1B None


# --8<-- [end:take]


async def main() -> None:
    engine = create_async_engine(DATABASE_URL)
    try:
        async with engine.begin() as connection:
            await connection.run_sync(Base.metadata.drop_all)
            await connection.run_sync(Base.metadata.create_all)
        session_factory = async_sessionmaker(engine)
        async with session_factory.begin() as session:
            session.add_all([Seat(name="1A"), Seat(name="1B")])
        await three_customers(session_factory)
    finally:
        await engine.dispose()


if __name__ == "__main__":
    asyncio.run(main())
