# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0.22", "asyncpg", "psycopg[binary]"]
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


class Job(Base):
    __tablename__ = "jobs"

    id: Mapped[int] = mapped_column(primary_key=True)
    state: Mapped[str] = mapped_column(default="queued")
    attempts: Mapped[int] = mapped_column(default=0)


# --8<-- [start:worker]
async def claim(session: AsyncSession) -> Job | None:
    queued = select(Job).where(Job.state == "queued", Job.attempts < 3).order_by(Job.id).limit(1)
    job = await session.scalar(queued.with_for_update(skip_locked=True))
    if job is not None:
        job.attempts += 1
    return job


async def one_turn(session_factory: async_sessionmaker[AsyncSession]) -> bool:
    async with session_factory() as session:
        job = await claim(session)
        if job is None:
            return False
        await session.commit()
        await work(job.id)
        job.state = "done"
        await session.commit()
    return True


# --8<-- [end:worker]


# --8<-- [start:work]
async def work(job_id: int) -> None:
    raise ValueError(f"job {job_id} cannot be done")


# --8<-- [end:work]


async def main() -> None:
    engine = create_async_engine(DATABASE_URL)
    try:
        async with engine.begin() as connection:
            await connection.run_sync(Base.metadata.drop_all)
            await connection.run_sync(Base.metadata.create_all)
        session_factory = async_sessionmaker(engine, expire_on_commit=False)
        async with session_factory.begin() as session:
            session.add(Job(id=1))
        failures = 0
        for _ in range(10):
            try:
                await one_turn(session_factory)
            except ValueError:
                failures += 1
        # --8<-- [start:count]
        async with session_factory() as session:
            job = await session.get_one(Job, 1)
            print(f"10 turns, {failures} failures, attempts: {job.attempts}")
            #> 10 turns, 3 failures, attempts: 3
        # --8<-- [end:count]
    finally:
        await engine.dispose()


if __name__ == "__main__":
    asyncio.run(main())
