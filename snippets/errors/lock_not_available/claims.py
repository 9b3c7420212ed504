# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0.38", "aiosqlite", "asyncpg", "psycopg[binary]"]
# ///
# drivers: asyncpg, psycopg (SQLite has no row locks)
import asyncio
import os
import sys
import traceback
from collections.abc import Awaitable, Callable

from sqlalchemy import func, select, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, AsyncSession, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

DATABASE_URL = os.environ.get("DATABASE_URL") or sys.exit(
    "needs PostgreSQL: DATABASE_URL=postgresql+asyncpg://user:password@localhost/test"
)


class Base(DeclarativeBase):
    pass


class Seat(Base):
    __tablename__ = "seats"

    id: Mapped[int] = mapped_column(primary_key=True)
    taken_by: Mapped[str | None]


HOLDERS = text(
    "SELECT pid FROM pg_stat_activity WHERE state = 'idle in transaction' AND datname = current_database()"
    " AND pid IN (SELECT pid FROM pg_locks WHERE relation = CAST('seats' AS regclass))"
)
WAITING = text(
    "SELECT pg_blocking_pids(pid) FROM pg_stat_activity"
    " WHERE wait_event_type = 'Lock' AND datname = current_database()"
)


async def store(engine: AsyncEngine) -> None:
    async with AsyncSession(engine) as session, session.begin():
        session.add_all([Seat(id=1), Seat(id=2)])


async def refused(connection: AsyncConnection, statement: str) -> str:
    """What a statement says that waits for a lock for 0.2 seconds."""
    await connection.execute(text("SET LOCAL lock_timeout = '200ms'"))
    try:
        await connection.execute(text(statement))
    except DBAPIError as error:
        return str(error.orig)
    return "no error"


async def claim_off_by_default(engine: AsyncEngine) -> None:
    """PostgreSQL's default for `lock_timeout` is 0, which means no limit."""
    query = "SELECT boot_val FROM pg_settings WHERE name = 'lock_timeout'"
    async with engine.connect() as connection:
        assert await connection.scalar(text(query)) == "0"


async def claim_roll_back_first(engine: AsyncEngine) -> None:
    """After the refusal, the next statement of the session raises an error; after `await session.rollback()` it works."""
    await store(engine)
    async with AsyncSession(engine) as ada, AsyncSession(engine) as grace:
        await ada.get_one(Seat, 1, with_for_update=True)
        refusal = aborted = None
        try:
            await grace.get_one(Seat, 1, with_for_update={"nowait": True})
        except DBAPIError as raised:
            refusal = raised
        try:
            await grace.get_one(Seat, 2)
        except DBAPIError as raised:
            aborted = raised
        assert "could not obtain lock on row" in str(refusal)
        assert "current transaction is aborted" in str(aborted)
        await grace.rollback()
        assert (await grace.get_one(Seat, 2)).taken_by is None


async def claim_a_reader_stops_alter_table(engine: AsyncEngine) -> None:
    """An open transaction that has only read the table is enough to stop an `ALTER TABLE`."""
    await store(engine)
    async with engine.connect() as reader, engine.connect() as migration:
        await reader.execute(text("SELECT * FROM seats"))
        said = await refused(migration, "ALTER TABLE seats ADD price integer")
        assert "canceling statement due to lock timeout" in said


async def claim_a_select_queues_behind_it(engine: AsyncEngine) -> None:
    """While the `ALTER TABLE` waits, even a `SELECT` from that table waits behind it."""
    await store(engine)
    async with engine.connect() as reader, engine.connect() as migration, engine.connect() as late:
        await reader.execute(text("SELECT * FROM seats"))
        alter = asyncio.create_task(migration.execute(text("ALTER TABLE seats ADD price integer")))
        while not (await reader.execute(WAITING)).all():
            await reader.execute(text("SELECT pg_stat_clear_snapshot()"))
        said = await refused(late, "SELECT * FROM seats")
        await reader.rollback()
        await alter
        assert "canceling statement due to lock timeout" in said


async def claim_query_for_the_holder(engine: AsyncEngine) -> None:
    """The first query lists the idle transactions that have a lock on the table, also when no statement waits for them."""
    await store(engine)
    async with AsyncSession(engine) as ada, engine.connect() as admin:
        pid = await ada.scalar(select(func.pg_backend_pid()))
        await ada.get_one(Seat, 1, with_for_update=True)
        assert (await admin.scalars(HOLDERS)).all() == [pid]


async def claim_query_for_a_waiting_statement(engine: AsyncEngine) -> None:
    """The second query names the connection that a waiting statement waits for."""
    await store(engine)
    async with AsyncSession(engine) as ada, AsyncSession(engine) as grace, engine.connect() as admin:
        pid = await ada.scalar(select(func.pg_backend_pid()))
        await ada.get_one(Seat, 1, with_for_update=True)
        waiting = asyncio.create_task(grace.get_one(Seat, 1, with_for_update=True))
        while not (blocking := (await admin.scalars(WAITING)).all()):
            await admin.rollback()
        await ada.rollback()
        await waiting
        assert blocking == [[pid]]


async def claim_limit_of_the_wait_only(engine: AsyncEngine) -> None:
    """`lock_timeout` limits the wait for the lock only: once `ALTER TABLE` has it, a `SELECT` waits until the migration commits."""
    await store(engine)
    async with engine.connect() as migration, engine.connect() as late:
        assert await refused(migration, "ALTER TABLE seats ADD price integer") == "no error"
        said = await refused(late, "SELECT * FROM seats")
        assert "canceling statement due to lock timeout" in said
        await late.rollback()
        await migration.commit()
        assert await refused(late, "SELECT * FROM seats") == "no error"


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
