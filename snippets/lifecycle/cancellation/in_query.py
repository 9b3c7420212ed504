# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0.22", "aiosqlite", "asyncpg", "psycopg[binary]"]
# ///
# also: asyncpg==0.31.*, asyncpg==0.30.*, psycopg==3.2.*
import asyncio
import os

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

DATABASE_URL = os.environ.get("DATABASE_URL", "sqlite+aiosqlite:///greenlit.db")


class Base(DeclarativeBase):
    pass


class Invoice(Base):
    __tablename__ = "invoices"

    id: Mapped[int] = mapped_column(primary_key=True)
    state: Mapped[str] = mapped_column(default="open")


# Counts to six million, on either database: a query that takes seconds.
SLOW = text(
    "WITH RECURSIVE counter(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM counter WHERE n < 6000000)"
    " SELECT max(n) FROM counter"
)


# --8<-- [start:cancel]
async def report(session_factory: async_sessionmaker[AsyncSession]) -> None:
    async with session_factory() as session:
        await session.execute(SLOW)


async def give_up(session_factory: async_sessionmaker[AsyncSession]) -> None:
    task = asyncio.create_task(report(session_factory))
    await asyncio.sleep(0.2)
    task.cancel()
    await asyncio.wait([task])
    print(f"cancelled: {task.cancelled()}")
    #> cancelled: True


# --8<-- [end:cancel]


# --8<-- [start:next]
async def next_request(session_factory: async_sessionmaker[AsyncSession]) -> None:
    async with session_factory() as session:
        print((await session.get_one(Invoice, 1)).state)
        #> open


# --8<-- [end:next]


async def main() -> None:
    # --8<-- [start:engine]
    engine = create_async_engine(DATABASE_URL, pool_size=1, max_overflow=0)
    # --8<-- [end:engine]
    try:
        async with engine.begin() as connection:
            await connection.run_sync(Base.metadata.drop_all)
            await connection.run_sync(Base.metadata.create_all)
        session_factory = async_sessionmaker(engine)
        async with session_factory.begin() as session:
            session.add(Invoice(id=1))
        await give_up(session_factory)
        await next_request(session_factory)
    finally:
        await engine.dispose()


if __name__ == "__main__":
    asyncio.run(main())
