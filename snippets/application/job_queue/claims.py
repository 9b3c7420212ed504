# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0.38", "asyncpg", "psycopg[binary]"]
# ///
# drivers: asyncpg, psycopg (SQLite has no row locks, and SQLAlchemy leaves FOR UPDATE out)
import asyncio
import os
import sys
import traceback
from collections.abc import Awaitable, Callable

from sqlalchemy import select, text
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

DATABASE_URL = os.environ.get("DATABASE_URL") or sys.exit(
    "needs PostgreSQL: DATABASE_URL=postgresql+asyncpg://user:password@localhost/test"
)


class Base(DeclarativeBase):
    pass


class Job(Base):
    __tablename__ = "queue_jobs"

    id: Mapped[int] = mapped_column(primary_key=True)
    state: Mapped[str] = mapped_column(default="queued")


QUEUED = select(Job).where(Job.state == "queued").order_by(Job.id).limit(1)


async def two_jobs(engine: AsyncEngine) -> None:
    async with AsyncSession(engine) as session:
        session.add_all([Job(id=1), Job(id=2)])
        await session.commit()


async def waits_for_a_lock(engine: AsyncEngine, session: AsyncSession) -> None:
    """Until the session's statement waits in the server."""
    pid = await session.scalar(text("SELECT pg_backend_pid()"))
    waiting = asyncio.create_task(session.scalar(QUEUED.with_for_update()))
    session.info["waiting"] = waiting
    async with engine.connect() as observer:
        observer = await observer.execution_options(isolation_level="AUTOCOMMIT")
        query = text("SELECT count(*) FROM pg_stat_activity WHERE pid = :pid AND wait_event_type = 'Lock'")
        while not await observer.scalar(query, {"pid": pid}):
            await asyncio.sleep(0.01)


async def claim_without_skip_locked(engine: AsyncEngine) -> None:
    """With `with_for_update()` and no `skip_locked`, the second worker waits until the first has committed. Then it gets the next job."""
    await two_jobs(engine)
    async with AsyncSession(engine) as first, AsyncSession(engine) as second:
        job = (await first.scalars(QUEUED.with_for_update())).one()
        await waits_for_a_lock(engine, second)
        job.state = "done"
        await first.commit()
        got = await second.info["waiting"]
        assert got is not None
        assert got.id == 2


async def claim_killed(engine: AsyncEngine) -> None:
    """When the server ends a worker's connection in the middle of its transaction, another worker can claim the job at once."""
    await two_jobs(engine)
    queued = select(Job.id).where(Job.state == "queued").order_by(Job.id).limit(1).with_for_update(skip_locked=True)
    async with AsyncSession(engine) as dead, AsyncSession(engine) as other:
        ids = [await dead.scalar(queued)]
        pid = await dead.scalar(text("SELECT pg_backend_pid()"))
        ids.append(await other.scalar(queued))
        await other.rollback()
        await other.execute(text("SELECT pg_terminate_backend(:pid, 10000)"), {"pid": pid})
        ids.append(await other.scalar(queued))
        await dead.invalidate()
        assert ids == [1, 2, 1]


async def claim_raises(engine: AsyncEngine) -> None:
    """When the work raises, the rollback ends the lock, and the job is queued as before."""
    await two_jobs(engine)
    async with AsyncSession(engine) as session:
        job = (await session.scalars(QUEUED.with_for_update(skip_locked=True))).one()
        job.state = "done"
        await session.flush()
        await session.rollback()
    async with AsyncSession(engine) as other:
        again = await other.scalar(QUEUED.with_for_update(skip_locked=True))
        assert again is not None
        assert again.id == 1


async def claim_cleanup_waits(engine: AsyncEngine) -> None:
    """While a worker's transaction is open, its connection is `idle in transaction` between two statements."""
    await two_jobs(engine)
    async with AsyncSession(engine) as session, AsyncSession(engine) as observer:
        await session.scalar(QUEUED.with_for_update(skip_locked=True))
        pid = await session.scalar(text("SELECT pg_backend_pid()"))
        state = text("SELECT state FROM pg_stat_activity WHERE pid = :pid")
        assert await observer.scalar(state, {"pid": pid}) == "idle in transaction"


async def reason_against(claim: Callable[[AsyncEngine], Awaitable[None]]) -> str:
    """Why a claim does not hold here, or nothing."""
    engine = create_async_engine(DATABASE_URL)
    try:
        async with engine.begin() as connection:
            await connection.run_sync(Base.metadata.drop_all)
            await connection.run_sync(Base.metadata.create_all)
        await claim(engine)
    except Exception as error:
        line = traceback.extract_tb(error.__traceback__)[-1].line
        return f"{type(error).__name__}: {str(error).partition(chr(10))[0] or line}"
    finally:
        await engine.dispose()
    return ""


async def main() -> None:
    for name, claim in list(globals().items()):
        if name.startswith("claim_"):
            sentence, against = " ".join(claim.__doc__.split()), await reason_against(claim)
            print(f"does not hold: {sentence} ({against})" if against else f"holds: {sentence}")
    engine = create_async_engine(DATABASE_URL)
    async with engine.begin() as connection:
        await connection.run_sync(Base.metadata.drop_all)  # Out of the way of a file that has some of these tables.
    await engine.dispose()


if __name__ == "__main__":
    asyncio.run(main())
