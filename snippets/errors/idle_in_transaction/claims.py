# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0.38", "aiosqlite", "asyncpg", "psycopg[binary]"]
# ///
# drivers: asyncpg, psycopg (SQLite has no server that ends an idle transaction)
import asyncio
import os
import sys
import traceback
from collections.abc import Awaitable, Callable

from sqlalchemy import create_engine, make_url, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, create_async_engine
from sqlalchemy.pool import QueuePool

DATABASE_URL = os.environ.get("DATABASE_URL") or sys.exit(
    "needs PostgreSQL: DATABASE_URL=postgresql+asyncpg://user:password@localhost/test"
)


def checked_out(engine: AsyncEngine) -> int:
    assert isinstance(engine.pool, QueuePool)
    return engine.pool.checkedout()


async def pid_of(session: AsyncSession) -> int:
    return await session.scalar(text("SELECT pg_backend_pid()")) or 0


async def end(admin_engine: AsyncEngine, pid: int) -> None:
    """Ends a connection as the server does, and waits until it is gone."""
    async with admin_engine.connect() as admin:
        await admin.execute(text("SELECT pg_terminate_backend(:pid, 5000)"), {"pid": pid})


def block_until_ended(pid: int) -> None:
    """Waits until the server has ended a connection, as synchronous code does: the event loop stops."""
    watcher = create_engine(make_url(DATABASE_URL).set(drivername="postgresql+psycopg"))
    with watcher.connect() as connection:
        query = text("SELECT count(*) FROM pg_stat_activity WHERE pid = :pid")
        while connection.scalar(query, {"pid": pid}):
            connection.rollback()
    watcher.dispose()


async def frames_of_the_error(session: AsyncSession) -> list[str]:
    try:
        await session.execute(text("SELECT 1"))
    except DBAPIError as raised:
        return [frame.name for frame in traceback.extract_tb(raised.__traceback__)]
    return []


async def claim_limit_is_off_by_default(engine: AsyncEngine) -> None:
    """PostgreSQL has no such limit by default: `idle_in_transaction_session_timeout` is 0."""
    query = "SELECT boot_val FROM pg_settings WHERE name = 'idle_in_transaction_session_timeout'"
    async with engine.connect() as connection:
        assert await connection.scalar(text(query)) == "0"


async def claim_start_transaction(engine: AsyncEngine) -> None:
    """If the connection was dead before the session took it from the pool, the traceback has the frame `_start_transaction`; if it died inside a transaction, it has not."""
    admin = create_async_engine(DATABASE_URL)
    async with AsyncSession(engine) as session:
        await end(admin, await pid_of(session))
        inside = await frames_of_the_error(session)
    async with AsyncSession(engine) as session:
        pid = await pid_of(session)
    await end(admin, pid)
    await admin.dispose()
    async with AsyncSession(engine) as session:
        before = await frames_of_the_error(session)
    assert inside != [] and "_start_transaction" not in inside
    assert before != []
    assert "_start_transaction" in before, "no such frame in either"


async def claim_autocommit(engine: AsyncEngine) -> None:
    """With `isolation_level="AUTOCOMMIT"` a SELECT opens no transaction on the server, but the session still holds its connection."""
    autocommit = engine.execution_options(isolation_level="AUTOCOMMIT")
    async with AsyncSession(autocommit) as session:
        pid = await pid_of(session)
        assert checked_out(engine) == 1
        async with engine.connect() as admin:
            query = text("SELECT state FROM pg_stat_activity WHERE pid = :pid")
            assert await admin.scalar(query, {"pid": pid}) == "idle"


async def claim_test_double(engine: AsyncEngine) -> None:
    """A test that holds no connection itself finds the line: the function that replaces the slow call asserts `engine.pool.checkedout() == 0`."""

    async def slow_call() -> int:
        return checked_out(engine)

    async with AsyncSession(engine) as session:
        await session.execute(text("SELECT 1"))
        assert await slow_call() == 1
        await session.commit()
        assert await slow_call() == 0
        async with engine.connect():
            assert await slow_call() == 1


async def claim_end_of_block(engine: AsyncEngine) -> None:
    """Without a next statement, the ROLLBACK at the end of the session's block fails. asyncpg then says `the underlying connection is closed`, psycopg `terminating connection`."""
    admin = create_async_engine(DATABASE_URL)
    error = None
    try:
        async with AsyncSession(engine) as session:
            await end(admin, await pid_of(session))
    except DBAPIError as raised:
        error = raised
    await admin.dispose()
    words = {"asyncpg": "the underlying connection is closed", "psycopg": "terminating connection"}
    assert words[engine.dialect.driver] in str(error), str(error)


async def claim_blocked_loop(engine: AsyncEngine) -> None:
    """If the wait blocks the event loop, as synchronous code does, asyncpg says `connection was closed in the middle of operation`."""
    error = None
    async with AsyncSession(engine) as session:
        pid = await pid_of(session)
        await session.execute(text("SET idle_in_transaction_session_timeout = 500"))
        block_until_ended(pid)
        try:
            await session.execute(text("SELECT 1"))
        except DBAPIError as raised:
            error = raised
    said = str(error and error.orig)
    assert "connection was closed in the middle of operation" in said, said


async def reason_against(claim: Callable[[AsyncEngine], Awaitable[None]]) -> str:
    """Why a claim does not hold here, or nothing."""
    engine = create_async_engine(DATABASE_URL)
    try:
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


if __name__ == "__main__":
    asyncio.run(main())
