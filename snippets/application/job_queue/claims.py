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
from datetime import datetime, timedelta

from sqlalchemy import DateTime, func, select, text
from sqlalchemy.exc import DBAPIError
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
    attempts: Mapped[int] = mapped_column(default=0)
    leased_until: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))


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


async def claim_repeatable_read(engine: AsyncEngine) -> None:
    """At `REPEATABLE READ`, a worker gets the SQLSTATE `40001` if another one has finished the job since its transaction began."""
    await two_jobs(engine)
    error = None
    repeatable = engine.execution_options(isolation_level="REPEATABLE READ")
    async with AsyncSession(repeatable) as late, AsyncSession(engine) as other:
        await late.scalar(text("SELECT 1"))
        job = (await other.scalars(QUEUED.with_for_update(skip_locked=True))).one()
        job.state = "done"
        await other.commit()
        try:
            await late.scalar(QUEUED.with_for_update(skip_locked=True))
        except DBAPIError as raised:
            error = raised
    assert error is not None
    assert getattr(error.orig, "sqlstate", None) == "40001"


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


WORKER = """
import asyncio, sys
from sqlalchemy import text
from sqlalchemy.ext.asyncio import create_async_engine

async def work():
    async with create_async_engine(sys.argv[1]).connect() as connection:
        await connection.execute(text("SELECT id FROM queue_jobs WHERE id = 1 FOR UPDATE"))
        await connection.execute(text("SELECT pg_advisory_xact_lock(17)"))

asyncio.run(work())
"""


async def claim_killed_in_a_statement(engine: AsyncEngine) -> None:
    """When a worker process is killed while the server executes its statement, the job stays locked until that statement has ended."""
    await two_jobs(engine)
    busy = text(
        "SELECT count(*) FROM pg_locks JOIN pg_database ON pg_database.oid = pg_locks.database"
        " WHERE datname = current_database() AND locktype = 'advisory' AND objid = 17 AND NOT granted"
    )
    async with AsyncSession(engine) as slow, AsyncSession(engine) as other:
        await slow.execute(text("SELECT pg_advisory_xact_lock(17)"))
        worker = await asyncio.create_subprocess_exec(sys.executable, "-c", WORKER, DATABASE_URL)
        while not await slow.scalar(busy):
            await asyncio.sleep(0.01)
        worker.kill()
        await worker.wait()
        ids = [(await other.scalars(QUEUED.with_for_update(skip_locked=True))).one().id]
        await other.rollback()
        await slow.rollback()
        ids.append((await other.scalars(QUEUED.with_for_update())).one().id)
    assert ids == [2, 1]


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


async def claim_used_up(engine: AsyncEngine) -> None:
    """A query for `attempts >= 3` also finds a job that a worker has in its third attempt. With `leased_until < now()` besides, it does not."""
    used_up = select(Job.id).where(Job.state == "queued", Job.attempts >= 3).order_by(Job.id)
    async with AsyncSession(engine) as session:
        session.add(Job(id=1, attempts=3, leased_until=func.now() + timedelta(minutes=5)))
        session.add(Job(id=2, attempts=3, leased_until=func.now() - timedelta(seconds=1)))
        await session.commit()
        found = (await session.scalars(used_up)).all()
        given_up = (await session.scalars(used_up.where(Job.leased_until < func.now()))).all()
    assert found == [1, 2]
    assert given_up == [2]


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
