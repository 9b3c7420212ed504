# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0", "aiosqlite", "asyncpg", "psycopg[binary]"]
# ///
import asyncio
import os

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

DATABASE_URL = os.environ.get("DATABASE_URL", "sqlite+aiosqlite:///greenlit.db")


class Base(DeclarativeBase):
    pass


class Job(Base):
    __tablename__ = "jobs"

    id: Mapped[int] = mapped_column(primary_key=True)
    title: Mapped[str]
    state: Mapped[str] = mapped_column(default="queued")


# --8<-- [start:forget]
async def poll(session_factory: async_sessionmaker[AsyncSession]) -> None:
    async with session_factory() as session:
        job = (await session.scalars(select(Job))).one()
        await cancel(session_factory)
        print(f"{job.state}, objects known: {len(session.identity_map)}")
        #> queued, objects known: 1
        del job
        print(f"objects known: {len(session.identity_map)}")
        #> objects known: 0
        job = (await session.scalars(select(Job))).one()
        print(job.state)
        #> cancelled
        job.title = "resize again"
        del job
        print(f"objects known: {len(session.identity_map)}")
        #> objects known: 1


# --8<-- [end:forget]


async def cancel(session_factory: async_sessionmaker[AsyncSession]) -> None:
    async with session_factory.begin() as session:
        await session.execute(update(Job).values(state="cancelled"))


async def main() -> None:
    engine = create_async_engine(DATABASE_URL)
    try:
        async with engine.begin() as connection:
            await connection.run_sync(Base.metadata.drop_all)
            await connection.run_sync(Base.metadata.create_all)
        session_factory = async_sessionmaker(engine)
        async with session_factory.begin() as session:
            session.add(Job(title="resize"))
        await poll(session_factory)
    finally:
        await engine.dispose()


if __name__ == "__main__":
    asyncio.run(main())
