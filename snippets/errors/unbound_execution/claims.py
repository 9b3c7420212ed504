# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0.38", "aiosqlite", "asyncpg", "psycopg[binary]"]
# ///
import asyncio
import os
import traceback
from collections.abc import Awaitable, Callable

from sqlalchemy import text
from sqlalchemy.exc import UnboundExecutionError
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, async_sessionmaker, create_async_engine
from sqlalchemy.pool import QueuePool

DATABASE_URL = os.environ.get("DATABASE_URL", "sqlite+aiosqlite:///greenlit.db")


async def claim_engine_connects_later(engine: AsyncEngine) -> None:
    """Making an engine, a factory and a session opens no connection: here the first query does."""
    session = async_sessionmaker(engine)()
    assert isinstance(engine.pool, QueuePool)
    assert engine.pool.checkedin() + engine.pool.checkedout() == 0
    await session.execute(text("SELECT 1"))
    assert engine.pool.checkedout() == 1
    await session.close()


async def claim_made_before(engine: AsyncEngine) -> None:
    """`configure(bind=engine)` reaches the sessions that the factory makes after it, not the ones that it made before."""
    session_factory, error = async_sessionmaker[AsyncSession](), None
    early = session_factory()
    session_factory.configure(bind=engine)
    async with session_factory() as late:
        assert await late.scalar(text("SELECT 1")) == 1
    try:
        await early.execute(text("SELECT 1"))
    except UnboundExecutionError as raised:
        error = raised
    assert error is not None
    await early.close()


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
