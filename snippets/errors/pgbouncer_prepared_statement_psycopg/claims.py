# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0", "psycopg[binary]"]
# ///
# also: psycopg==3.2.*
# drivers: psycopg (asyncpg prepares in its own way: pgbouncer_prepared_statement_asyncpg)
import asyncio
import os
import sys
import traceback
from collections.abc import Awaitable, Callable
from typing import Any

from sqlalchemy import create_engine, text
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, create_async_engine

DATABASE_URL = os.environ.get("DATABASE_URL") or sys.exit(
    "needs PostgreSQL: DATABASE_URL=postgresql+psycopg://user:password@localhost/test"
)
QUERY = text("SELECT 'served'")
PREPARED = text("SELECT count(*) FROM pg_prepared_statements WHERE statement = 'SELECT ''served'''")


async def prepared_after(executions: int, **connect_args: Any) -> int:
    """How many statements the server has prepared."""
    engine = create_async_engine(DATABASE_URL, connect_args=connect_args)
    async with engine.connect() as connection:
        for _ in range(executions):
            await connection.execute(QUERY)
        count: int = await connection.scalar(PREPARED)
    await engine.dispose()
    return count


async def claim_sixth(engine: AsyncEngine) -> None:
    """psycopg prepares a statement when it is executed for the sixth time on a connection."""
    assert await prepared_after(5) == 0
    assert await prepared_after(6) == 1


async def claim_thresholds(engine: AsyncEngine) -> None:
    """`prepare_threshold=None` prepares nothing, `prepare_threshold=0` prepares at the first execution."""
    assert await prepared_after(20, prepare_threshold=None) == 0
    assert await prepared_after(1, prepare_threshold=0) == 1


async def claim_count_over_sessions(engine: AsyncEngine) -> None:
    """With the default pool, sessions that end with a commit count together. Closing a session without a commit, which rolls back, starts the count anew."""
    for _ in range(12):
        async with AsyncSession(engine) as session:
            await session.execute(QUERY)
    async with AsyncSession(engine) as session:
        assert await session.scalar(PREPARED) == 0
    for _ in range(6):
        async with AsyncSession(engine) as session:
            await session.execute(QUERY)
            await session.commit()
    async with AsyncSession(engine) as session:
        assert await session.scalar(PREPARED) == 1


async def claim_sync(engine: AsyncEngine) -> None:
    """A synchronous engine with psycopg prepares in the same way, and needs the setting too."""
    counts = []
    for connect_args in ({}, {"prepare_threshold": None}):
        sync = create_engine(DATABASE_URL, connect_args=connect_args)
        with sync.connect() as connection:
            for _ in range(6):
                connection.execute(QUERY)
            counts.append(connection.scalar(PREPARED))
        sync.dispose()
    assert counts == [1, 0]


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
