# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0.22", "aiosqlite", "psycopg[binary]"]
# ///
# drivers: aiosqlite, psycopg (asyncpg refuses: see concurrent_poison_breaks)
# unrecorded: two tasks at once, and what each of them sends comes in no fixed order
import asyncio
import os

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

DATABASE_URL = os.environ.get("DATABASE_URL", "sqlite+aiosqlite:///greenlit.db")


class Base(DeclarativeBase):
    pass


class City(Base):
    __tablename__ = "cities"

    name: Mapped[str] = mapped_column(primary_key=True)
    visits: Mapped[int] = mapped_column(default=0)


# Counts to a million, on either database.
SLOW = text(
    "WITH RECURSIVE counter(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM counter WHERE n < 1000000)"
    " SELECT max(n) FROM counter"
)


# --8<-- [start:report]
async def report(session_factory: async_sessionmaker[AsyncSession]) -> None:
    async with session_factory() as session:
        await session.get_one(City, "Oslo")
        ends = await asyncio.gather(session.execute(SLOW), session.commit(), return_exceptions=True)
        print(f"failed: {sum(isinstance(end, BaseException) for end in ends)}")
        #> failed: 0


# --8<-- [end:report]


async def another_request(session_factory: async_sessionmaker[AsyncSession]) -> None:
    async with session_factory() as session:
        await session.get_one(City, "Oslo")


async def main() -> None:
    engine = create_async_engine(DATABASE_URL, pool_size=1, max_overflow=0)
    try:
        async with engine.begin() as connection:
            await connection.run_sync(Base.metadata.drop_all)
            await connection.run_sync(Base.metadata.create_all)
        session_factory = async_sessionmaker(engine)
        async with session_factory.begin() as session:
            session.add(City(name="Oslo"))
        await report(session_factory)
        await another_request(session_factory)
    finally:
        await engine.dispose()


if __name__ == "__main__":
    asyncio.run(main())
