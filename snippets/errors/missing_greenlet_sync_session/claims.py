# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0.38", "aiosqlite", "asyncpg", "psycopg[binary]"]
# ///
import asyncio
import os
import traceback
import warnings
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor

from sqlalchemy import text
from sqlalchemy.exc import MissingGreenlet, StatementError
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, create_async_engine
from sqlalchemy.orm import Session
from sqlalchemy.util import greenlet_spawn

DATABASE_URL = os.environ.get("DATABASE_URL", "sqlite+aiosqlite:///greenlit.db")
warnings.filterwarnings("ignore", "coroutine .* was never awaited|.* was deleted while still open")


async def claim_empty_pool(engine: AsyncEngine) -> None:
    """With no connection in the pool yet, a call through `engine.sync_engine` raises a bare MissingGreenlet: it fails when it connects."""
    error = None
    try:
        with engine.sync_engine.connect() as connection:
            connection.scalar(text("SELECT 1"))
    except MissingGreenlet as raised:
        error = raised
    assert error is not None


async def claim_pooled_connection(engine: AsyncEngine) -> None:
    """With a connection in the pool, the error is not a MissingGreenlet but wraps one: `except MissingGreenlet` does not catch it."""
    async with engine.connect() as pooled:
        assert await pooled.scalar(text("SELECT 1")) == 1
    error: Exception | None = None
    connection = engine.sync_engine.connect()
    try:
        connection.scalar(text("SELECT 1"))
    except (MissingGreenlet, StatementError) as raised:
        error = raised
    await greenlet_spawn(connection.close)  # Closing it needs what the call lacked.
    assert isinstance(error, StatementError), f"it is a {type(error).__name__} here, too"
    assert "(sqlalchemy.exc.MissingGreenlet) greenlet_spawn has not been called" in str(error)


async def claim_thread(engine: AsyncEngine) -> None:
    """A thread that is started inside `run_sync()` is outside its greenlet: a call of the session there raises the same error."""
    def read(session: Session) -> BaseException | None:
        with ThreadPoolExecutor(1) as pool:
            return pool.submit(session.scalar, text("SELECT 1")).exception()

    async with AsyncSession(engine) as session:
        error = await session.run_sync(read)
        assert "greenlet_spawn has not been called" in str(error)


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
