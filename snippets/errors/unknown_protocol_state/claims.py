# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0.38", "asyncpg"]
# ///
# also: asyncpg==0.31.*, asyncpg==0.30.*
# drivers: asyncpg (the message is asyncpg's own)
import asyncio
import os
import sys
import time
import traceback
from collections.abc import Awaitable, Callable

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, create_async_engine

DATABASE_URL = os.environ.get("DATABASE_URL") or sys.exit(
    "needs PostgreSQL: DATABASE_URL=postgresql+asyncpg://user:password@localhost/test"
)


LIMITS = {"server_settings": {"idle_in_transaction_session_timeout": "100"}}


async def request(session: AsyncSession, slow: Callable[[], Awaitable[None]]) -> str:
    """A read, a slow part, and another read: what the second one says."""
    await session.execute(text("SELECT 'the data'"))
    await slow()
    try:
        await session.execute(text("SELECT 'the rest'"))
    except Exception as error:
        return str(error)
    return "nothing"


def make_the_report() -> None:
    time.sleep(0.5)


async def blocking() -> None:
    make_the_report()
    await asyncio.sleep(0)
    await asyncio.sleep(0)


async def in_a_thread() -> None:
    await asyncio.to_thread(make_the_report)


async def claim_pre_ping(engine: AsyncEngine) -> None:
    """`pool_pre_ping=True` does not help this request: the ping comes when a connection leaves the pool, and not between queries."""
    pinging = create_async_engine(engine.url, connect_args=LIMITS, pool_pre_ping=True)
    async with AsyncSession(pinging) as session:
        await session.execute(text("SELECT 'an earlier request'"))
    async with AsyncSession(pinging) as session:
        assert "cannot switch to state" in await request(session, blocking)
    await pinging.dispose()


async def claim_to_thread(engine: AsyncEngine) -> None:
    """`asyncio.to_thread()` alone does not save the request: the server closes its connection too, and the query raises `connection is closed`."""
    limited = create_async_engine(engine.url, connect_args=LIMITS)
    async with AsyncSession(limited) as session:
        assert "connection is closed" in await request(session, in_a_thread)
    await limited.dispose()


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
