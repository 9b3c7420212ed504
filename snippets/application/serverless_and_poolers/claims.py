# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0.38", "aiosqlite", "asyncpg", "psycopg[binary]"]
# ///
import asyncio
import os
import traceback
from collections.abc import Awaitable, Callable

from sqlalchemy import NullPool, event, text
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, create_async_engine

DATABASE_URL = os.environ.get("DATABASE_URL", "sqlite+aiosqlite:///greenlit.db")
ONE = text("SELECT 1")
PID = text("SELECT pg_backend_pid()")


async def claim_two_transactions(engine: AsyncEngine) -> None:
    """With `NullPool`, a session connects for each of its transactions: five requests that commit once in the middle and
    read again connect ten times, and with `pool_size=1` once."""

    async def connects(tried: AsyncEngine) -> int:
        opened: list[object] = []
        event.listen(tried.sync_engine, "connect", lambda connection, _: opened.append(connection))
        for _ in range(5):
            async with AsyncSession(tried) as session:
                await session.execute(ONE)
                await session.commit()
                await session.execute(ONE)
        await tried.dispose()
        return len(opened)

    assert await connects(create_async_engine(engine.url, poolclass=NullPool)) == 10
    assert await connects(create_async_engine(engine.url, pool_size=1, max_overflow=0)) == 1


async def claim_second_session(engine: AsyncEngine) -> None:
    """With `pool_size=1, max_overflow=0`, a request that uses a second session while its first one has the connection waits for
    itself, until `pool_timeout` ends it."""
    small = create_async_engine(engine.url, pool_size=1, max_overflow=0, pool_timeout=0.2)
    error = None
    async with AsyncSession(small) as first, AsyncSession(small) as second:
        await first.execute(ONE)
        try:
            await second.execute(ONE)
        except PoolTimeout as raised:
            error = raised
    await small.dispose()
    assert error is not None


async def claim_idle_session_timeout(engine: AsyncEngine) -> None:
    """PostgreSQL's `idle_session_timeout` ends a connection that rests in the pool. With `pool_pre_ping=True`, the next
    session gets a new one."""
    assert engine.dialect.name == "postgresql", "SQLite has no server"
    pinged = create_async_engine(engine.url, pool_size=1, max_overflow=0, pool_pre_ping=True)
    alive = text("SELECT count(*) FROM pg_stat_activity WHERE pid = :pid")
    async with AsyncSession(pinged) as session:
        await session.execute(text("SET idle_session_timeout = '200ms'"))
        before = await session.scalar(PID)
        await session.commit()
    async with engine.connect() as connection:
        await connection.execution_options(isolation_level="AUTOCOMMIT")
        async with asyncio.timeout(60):
            while await connection.scalar(alive, {"pid": before}):
                await asyncio.sleep(0.02)
    async with AsyncSession(pinged) as session:
        after = await session.scalar(PID)
    await pinged.dispose()
    assert after != before


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
