# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0.22", "aiosqlite", "asyncpg", "psycopg[binary]"]
# ///
# also: asyncpg==0.31.*, asyncpg==0.30.*, psycopg==3.2.*
import asyncio
import os

from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

DATABASE_URL = os.environ.get("DATABASE_URL", "sqlite+aiosqlite:///greenlit.db")


class Base(DeclarativeBase):
    pass


class Job(Base):
    __tablename__ = "jobs"

    id: Mapped[int] = mapped_column(primary_key=True)
    state: Mapped[str] = mapped_column(default="open")


# --8<-- [start:work]
async def work(session_factory: async_sessionmaker[AsyncSession], started: asyncio.Event) -> None:
    try:
        started.set()
        await asyncio.sleep(60)
    except BaseException:
        async with session_factory.begin() as session:
            job = await session.get_one(Job, 1)
            job.state = "failed"
        raise


# --8<-- [end:work]


async def main() -> None:
    engine = create_async_engine(DATABASE_URL)
    try:
        async with engine.begin() as connection:
            await connection.run_sync(Base.metadata.drop_all)
            await connection.run_sync(Base.metadata.create_all)
        session_factory = async_sessionmaker(engine)
        async with session_factory.begin() as session:
            session.add(Job(id=1))
        started = asyncio.Event()
        task = asyncio.create_task(work(session_factory, started))
        await started.wait()
        task.cancel()
        await asyncio.wait([task])
        # --8<-- [start:check]
        async with session_factory() as session:
            job = await session.get_one(Job, 1)
            assert job.state == "failed", f"the job was cancelled, and is {job.state}"
        # --8<-- [end:check]
    finally:
        await engine.dispose()


if __name__ == "__main__":
    asyncio.run(main())
