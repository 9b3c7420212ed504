# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0.38", "aiosqlite", "asyncpg", "psycopg[binary]"]
# ///
import asyncio
import os
import traceback
from collections.abc import Awaitable, Callable

from sqlalchemy import text
from sqlalchemy.exc import InvalidRequestError
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, create_async_engine
from sqlalchemy.pool import NullPool

DATABASE_URL = os.environ.get("DATABASE_URL", "sqlite+aiosqlite:///greenlit.db")


ONE = text("SELECT 1")


async def warmed(engine: AsyncEngine) -> AsyncEngine:
    """Its pool, if it keeps connections, has an open one now."""
    async with engine.connect() as connection:
        await connection.execute(ONE)
    return engine


async def at_once(session: AsyncSession) -> list[str]:
    """What each of three tasks on one session gets."""
    results = await asyncio.gather(*(session.scalar(ONE) for _ in range(3)), return_exceptions=True)
    return sorted(type(result).__name__ for result in results)


async def claim_pre_ping(engine: AsyncEngine) -> None:
    """Of three queries that a new session sends at once, two raise the error with `pool_pre_ping=True`, although the pool has an open connection."""
    pinging = await warmed(create_async_engine(engine.url, pool_pre_ping=True))
    async with AsyncSession(pinging) as session:
        assert await at_once(session) == ["InvalidRequestError", "InvalidRequestError", "int"]
    await pinging.dispose()


async def claim_null_pool(engine: AsyncEngine) -> None:
    """With `NullPool`, two of three such queries raise it, and in a second session two again."""
    unpooled = await warmed(create_async_engine(engine.url, poolclass=NullPool))
    for _ in range(2):
        async with AsyncSession(unpooled) as session:
            assert await at_once(session) == ["InvalidRequestError", "InvalidRequestError", "int"]


async def claim_has_read_before(engine: AsyncEngine) -> None:
    """If the session has sent a query in this transaction before, none of three such queries raises it."""
    async with AsyncSession(engine) as session:
        await session.execute(ONE)
        assert await at_once(session) == ["int", "int", "int"]


async def claim_traceback(engine: AsyncEngine) -> None:
    """If a task of `asyncio.gather` raises the error, the traceback has your `gather` line, the task's own line, and ends in `_raise_for_prerequisite_state`."""
    session, error = AsyncSession(engine), None

    async def one_task() -> None:
        await session.execute(ONE)

    tasks = [asyncio.create_task(one_task()) for _ in range(3)]
    try:
        await asyncio.gather(*tasks)
    except InvalidRequestError as raised:
        error = raised
    await asyncio.wait(tasks)
    await session.close()
    assert error is not None
    frames = traceback.extract_tb(error.__traceback__)
    assert frames[0].line == "await asyncio.gather(*tasks)"
    assert "one_task" in [frame.name for frame in frames]
    assert frames[-1].name == "_raise_for_prerequisite_state"


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
