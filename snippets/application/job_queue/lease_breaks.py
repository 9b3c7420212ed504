# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0.22", "asyncpg", "psycopg[binary]"]
# ///
# drivers: asyncpg, psycopg (SQLite has no row locks, and SQLAlchemy leaves FOR UPDATE out)
# silent: a worker whose lease is over replaces the result of the next one
import asyncio
import os
import sys
from datetime import datetime, timedelta

from sqlalchemy import DateTime, func, or_, select, update
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
    state: Mapped[str] = mapped_column(default="queued")
    attempts: Mapped[int] = mapped_column(default=0)
    leased_until: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    result: Mapped[str | None]


# --8<-- [end:model]


# --8<-- [start:claim]
async def claim(session: AsyncSession) -> tuple[int, int] | None:
    """The job and the number of this attempt. The lease is committed before the work begins."""
    free = or_(Job.leased_until.is_(None), Job.leased_until < func.now())
    queued = select(Job).where(Job.state == "queued", Job.attempts < 3, free).order_by(Job.id).limit(1)
    locked = queued.with_for_update(skip_locked=True)
    job = await session.scalar(locked, execution_options={"populate_existing": True})
    if job is None:
        return None
    job.attempts += 1
    job.leased_until = func.now() + timedelta(minutes=5)
    claimed = job.id, job.attempts
    await session.commit()
    return claimed


# --8<-- [end:claim]


# --8<-- [start:finish]
async def finish(session: AsyncSession, job_id: int, attempt: int, result: str) -> bool:
    mine = update(Job).where(Job.id == job_id)
    finished = await session.scalar(mine.values(state="done", result=result).returning(Job.id))
    await session.commit()
    return finished is not None


# --8<-- [end:finish]


async def expire_lease(session: AsyncSession, job_id: int) -> None:
    """Five minutes pass."""
    await session.execute(update(Job).where(Job.id == job_id).values(leased_until=func.now() - timedelta(seconds=1)))
    await session.commit()


async def main() -> None:
    engine = create_async_engine(DATABASE_URL)
    try:
        async with engine.begin() as connection:
            await connection.run_sync(Base.metadata.drop_all)
            await connection.run_sync(Base.metadata.create_all)
        session_factory = async_sessionmaker(engine, expire_on_commit=False)
        async with session_factory.begin() as session:
            session.add(Job(id=1))
        async with session_factory() as slow, session_factory() as second:
            # --8<-- [start:slow]
            first_lease = await claim(slow)
            print("first worker:", first_lease, "second worker:", await claim(second))
            #> first worker: (1, 1) second worker: None
            await expire_lease(second, 1)
            second_lease = await claim(second)
            print("after the lease:", second_lease)
            #> after the lease: (1, 2)
            assert first_lease and second_lease
            print("second worker finished:", await finish(second, *second_lease, "from the second"))
            #> second worker finished: True
            print("first worker finished:", await finish(slow, *first_lease, "from the first"))
            #> first worker finished: True
            # --8<-- [end:slow]
        async with session_factory() as session:
            # --8<-- [start:result]
            print(await session.scalar(select(Job.result)))
            #> from the first
            # --8<-- [end:result]
    finally:
        await engine.dispose()


if __name__ == "__main__":
    asyncio.run(main())
