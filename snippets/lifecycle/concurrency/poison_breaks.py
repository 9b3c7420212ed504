# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0.22", "asyncpg"]
# ///
# drivers: asyncpg (psycopg and aiosqlite make the second task wait)
# raises: sqlalchemy.exc.InterfaceError
import asyncio
import os
import sys

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

DATABASE_URL = os.environ.get("DATABASE_URL") or sys.exit(
    "needs PostgreSQL: DATABASE_URL=postgresql+asyncpg://user:password@localhost/test"
)


class Base(DeclarativeBase):
    pass


class City(Base):
    __tablename__ = "cities"

    name: Mapped[str] = mapped_column(primary_key=True)
    visits: Mapped[int] = mapped_column(default=0)


# --8<-- [start:report]
async def report(session_factory: async_sessionmaker[AsyncSession]) -> None:
    async with session_factory() as session:
        await session.get_one(City, "Oslo")
        slow = session.execute(text("SELECT pg_sleep(0.2)"))
        await asyncio.gather(slow, session.commit(), return_exceptions=True)


async def another_request(session_factory: async_sessionmaker[AsyncSession]) -> None:
    async with session_factory() as session:
        await session.get_one(City, "Oslo")


# --8<-- [end:report]


async def main() -> None:
    engine = create_async_engine(DATABASE_URL, pool_size=1, max_overflow=0)
    try:
        async with engine.begin() as connection:
            await connection.run_sync(Base.metadata.drop_all)
            await connection.run_sync(Base.metadata.create_all)
        session_factory = async_sessionmaker(engine)
        async with session_factory.begin() as session:
            session.add_all([City(name=name, visits=2) for name in ("Oslo", "Rome", "Lima")])
        # --8<-- [start:call]
        await report(session_factory)
        await another_request(session_factory)
        # --8<-- [end:call]
    finally:
        await engine.dispose()


if __name__ == "__main__":
    asyncio.run(main())
