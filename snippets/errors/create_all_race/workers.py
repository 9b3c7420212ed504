# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0", "asyncpg", "psycopg[binary]"]
# ///
# drivers: asyncpg, psycopg (SQLite has no advisory locks)
# unrecorded: two workers at once, and which connection comes first varies
import asyncio
import os
import sys

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

DATABASE_URL = os.environ.get("DATABASE_URL") or sys.exit(
    "needs PostgreSQL: DATABASE_URL=postgresql+asyncpg://user:password@localhost/test"
)


class Base(DeclarativeBase):
    pass


# --8<-- [start:create]
class Country(Base):
    __tablename__ = "countries"

    code: Mapped[str] = mapped_column(primary_key=True)


async def create_tables(connection: AsyncConnection) -> None:
    await connection.execute(text("SELECT pg_advisory_xact_lock(7415)"))
    await connection.run_sync(Base.metadata.create_all)


# --8<-- [end:create]


async def until_it_waits(engine: AsyncEngine) -> None:
    """Until a connection waits for another one."""
    waits = text("SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'")
    async with engine.connect() as connection:
        await connection.execution_options(isolation_level="AUTOCOMMIT")
        while not await connection.scalar(waits):
            await asyncio.sleep(0.02)


async def start_worker(engine: AsyncEngine) -> None:
    async with engine.begin() as connection:
        await create_tables(connection)


async def start_two(engine: AsyncEngine) -> None:
    async with engine.begin() as first:
        await create_tables(first)
        second = asyncio.create_task(start_worker(engine))
        await until_it_waits(engine)
    await second  # The first one has committed.


async def clean_up(engine: AsyncEngine) -> None:
    async with engine.begin() as connection:
        await connection.run_sync(Base.metadata.drop_all)


async def main() -> None:
    engine = create_async_engine(DATABASE_URL)
    try:
        await clean_up(engine)
        await start_two(engine)
        print("both workers have started")
        #> both workers have started
    finally:
        await clean_up(engine)
        await engine.dispose()


if __name__ == "__main__":
    asyncio.run(main())
