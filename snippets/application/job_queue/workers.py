# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0.22", "asyncpg", "psycopg[binary]"]
# ///
# drivers: asyncpg, psycopg (SQLite has no row locks, and SQLAlchemy leaves FOR UPDATE out)
# unrecorded: four workers run at once
import asyncio
import os
import sys
from collections import Counter

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

DATABASE_URL = os.environ.get("DATABASE_URL") or sys.exit(
    "needs PostgreSQL: DATABASE_URL=postgresql+asyncpg://user:password@localhost/test"
)


class Base(DeclarativeBase):
    pass


# --8<-- [start:model]
class Job(Base):
    __tablename__ = "jobs"

    id: Mapped[int] = mapped_column(primary_key=True)
    state: Mapped[str] = mapped_column(default="queued", index=True)


# --8<-- [end:model]


# --8<-- [start:worker]
async def claim(session: AsyncSession) -> Job | None:
    queued = select(Job).where(Job.state == "queued").order_by(Job.id).limit(1)
    return await session.scalar(queued.with_for_update(skip_locked=True))


async def worker(session_factory: async_sessionmaker[AsyncSession]) -> None:
    while True:
        async with session_factory.begin() as session:
            job = await claim(session)
            if job is None:
                return
            await work(job.id)
            job.state = "done"


# --8<-- [end:worker]

runs: Counter[int] = Counter()
all_have_one = asyncio.Barrier(4)


async def work(job_id: int) -> None:
    runs[job_id] += 1
    await all_have_one.wait()  # The four work at the same time.


async def main() -> None:
    engine = create_async_engine(DATABASE_URL)
    try:
        async with engine.begin() as connection:
            await connection.run_sync(Base.metadata.drop_all)
            await connection.run_sync(Base.metadata.create_all)
        session_factory = async_sessionmaker(engine)
        async with session_factory.begin() as session:
            session.add_all(Job(id=number) for number in range(1, 21))
        # --8<-- [start:count]
        await asyncio.gather(*(worker(session_factory) for _ in range(4)))
        print(f"{len(runs)} jobs, {runs.total()} runs")
        #> 20 jobs, 20 runs
        # --8<-- [end:count]
    finally:
        await engine.dispose()


if __name__ == "__main__":
    asyncio.run(main())
