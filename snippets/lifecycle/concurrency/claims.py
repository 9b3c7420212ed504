# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0.38", "aiosqlite", "asyncpg", "psycopg[binary]"]
# ///
import asyncio
import os
import traceback
from collections.abc import Awaitable, Callable

from sqlalchemy import NullPool, text
from sqlalchemy.exc import InterfaceError, InvalidRequestError
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, create_async_engine

DATABASE_URL = os.environ.get("DATABASE_URL", "sqlite+aiosqlite:///greenlit.db")
NUMBERS = text("WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 2000) SELECT i FROM n")


async def read(session: AsyncSession) -> None:
    await session.execute(text("SELECT 1"))


async def stream(session: AsyncSession) -> None:
    async for _ in await session.stream(NUMBERS):
        await asyncio.sleep(0)


async def failures(session: AsyncSession) -> list[type]:
    """Three tasks read with one session."""
    ends = await asyncio.gather(*(read(session) for _ in range(3)), return_exceptions=True)
    return [type(end) for end in ends if end is not None]


async def warm(engine: AsyncEngine) -> None:
    async with AsyncSession(engine) as session:
        await read(session)


async def claim_null_pool(engine: AsyncEngine) -> None:
    """With `NullPool`, two of three tasks that read with one new session fail."""
    unpooled = create_async_engine(engine.url, poolclass=NullPool)
    for _ in range(2):
        async with AsyncSession(unpooled) as session:
            assert await failures(session) == [InvalidRequestError, InvalidRequestError]


async def claim_pre_ping(engine: AsyncEngine) -> None:
    """With `pool_pre_ping=True`, two of three tasks that read with one new session fail, although the pool has an open connection."""
    pinging = create_async_engine(engine.url, pool_pre_ping=True)
    await warm(pinging)
    async with AsyncSession(pinging) as session:
        found = await failures(session)
    await pinging.dispose()
    assert found == [InvalidRequestError, InvalidRequestError]


async def claim_read_before(engine: AsyncEngine) -> None:
    """If the session has read before, none of the three tasks that read with it fails, even if the pool was empty."""
    async with AsyncSession(engine) as session:
        await read(session)
        assert await failures(session) == []


async def claim_stream(engine: AsyncEngine) -> None:
    """If three tasks stream rows with one session, some fail, although it has its connection already."""
    async with AsyncSession(engine) as session:
        await read(session)
        ends = await asyncio.gather(*(stream(session) for _ in range(3)), return_exceptions=True)
    assert InterfaceError in [type(end) for end in ends], "all rows were read"


async def claim_dispose_finds(engine: AsyncEngine) -> None:
    """After `await engine.dispose()`, two of three tasks that read with one new session fail."""
    await warm(engine)
    async with AsyncSession(engine) as session:
        assert await failures(session) == []
    await engine.dispose()
    async with AsyncSession(engine) as session:
        assert await failures(session) == [InvalidRequestError, InvalidRequestError]


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
