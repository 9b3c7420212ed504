# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0.22", "aiosqlite", "psycopg[binary]"]
# ///
# also: psycopg==3.2.*
# drivers: aiosqlite, psycopg (asyncpg refuses the value: naive_aware_datetime_breaks)
import asyncio
import os
from datetime import datetime, timedelta, timezone

from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

DATABASE_URL = os.environ.get("DATABASE_URL", "sqlite+aiosqlite:///greenlit.db")


class Base(DeclarativeBase):
    pass


class Reading(Base):
    __tablename__ = "readings"

    id: Mapped[int] = mapped_column(primary_key=True)
    taken_at: Mapped[datetime]


# --8<-- [start:store]
async def store(session_factory: async_sessionmaker[AsyncSession], driver: str) -> None:
    in_paris = datetime(2026, 7, 1, 14, 0, tzinfo=timezone(timedelta(hours=2)))
    async with session_factory.begin() as session:
        session.add(Reading(id=1, taken_at=in_paris))
    async with session_factory() as session:
        stored = await session.get_one(Reading, 1)
        print("its zone is", stored.taken_at.tzinfo)
        #> its zone is None
        # psycopg: converted to the session's zone, here UTC. SQLite: as written, zone cut off.
        hour = {"psycopg": 12, "aiosqlite": 14}[driver]
        print(stored.taken_at == datetime(2026, 7, 1, hour, 0))
        #> True


# --8<-- [end:store]


async def main() -> None:
    engine = create_async_engine(DATABASE_URL)
    try:
        async with engine.begin() as connection:
            await connection.run_sync(Base.metadata.drop_all)
            await connection.run_sync(Base.metadata.create_all)
        await store(async_sessionmaker(engine), engine.dialect.driver)
    finally:
        await engine.dispose()


if __name__ == "__main__":
    asyncio.run(main())
