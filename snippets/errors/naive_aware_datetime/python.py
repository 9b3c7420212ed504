# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0.22", "aiosqlite", "asyncpg", "psycopg[binary]"]
# ///
# also: asyncpg==0.31.*, asyncpg==0.30.*, psycopg==3.2.*
import asyncio
import os
from datetime import UTC, datetime, timedelta, timezone

from sqlalchemy import DateTime
from sqlalchemy.engine import Dialect
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column
from sqlalchemy.types import TypeDecorator

DATABASE_URL = os.environ.get("DATABASE_URL", "sqlite+aiosqlite:///greenlit.db")


# --8<-- [start:type]
class Moment(TypeDecorator[datetime]):
    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value and value.tzinfo is None:
            raise ValueError(f"{value} has no time zone")
        return value and value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        return value.replace(tzinfo=UTC) if value and value.tzinfo is None else value


# --8<-- [end:type]


class Base(DeclarativeBase):
    type_annotation_map = {datetime: Moment()}


class Reading(Base):
    __tablename__ = "readings"

    id: Mapped[int] = mapped_column(primary_key=True)
    taken_at: Mapped[datetime]


# --8<-- [start:age]
async def age(session_factory: async_sessionmaker[AsyncSession]) -> timedelta:
    async with session_factory() as session:
        reading = await session.get_one(Reading, 1)
        return datetime.now(UTC) - reading.taken_at


# --8<-- [end:age]


async def main() -> None:
    engine = create_async_engine(DATABASE_URL)
    session_factory = async_sessionmaker(engine)
    try:
        async with engine.begin() as connection:
            await connection.run_sync(Base.metadata.drop_all)
            await connection.run_sync(Base.metadata.create_all)
        # --8<-- [start:hour]
        async with session_factory.begin() as session:
            in_paris = datetime(2024, 7, 1, 14, 0, tzinfo=timezone(timedelta(hours=2)))
            session.add(Reading(id=1, taken_at=in_paris))
        print(await age(session_factory) > timedelta(0))
        #> True
        async with session_factory() as session:
            print((await session.get_one(Reading, 1)).taken_at.astimezone(UTC))
            #> 2024-07-01 12:00:00+00:00
        # --8<-- [end:hour]
    finally:
        await engine.dispose()


if __name__ == "__main__":
    asyncio.run(main())
