# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0.38", "aiosqlite", "asyncpg", "psycopg[binary]"]
# ///
# leaks: lost connections are what it is about
import asyncio
import gc
import logging
import os
import traceback
import warnings
from collections.abc import AsyncGenerator, Awaitable, Callable

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, create_async_engine
from sqlalchemy.pool import QueuePool

DATABASE_URL = os.environ.get("DATABASE_URL", "sqlite+aiosqlite:///greenlit.db")


def checked_out(engine: AsyncEngine) -> int:
    assert isinstance(engine.pool, QueuePool)
    return engine.pool.checkedout()


async def lose(engine: AsyncEngine) -> None:
    session = AsyncSession(engine)
    await session.execute(text("SELECT 1"))


class Alert(logging.Handler):
    def __init__(self) -> None:
        super().__init__(logging.ERROR)
        self.lines: list[str] = []
        self.names: set[str] = set()

    def emit(self, record: logging.LogRecord) -> None:
        self.lines.append(record.getMessage())
        self.names.add(record.name)


async def collected() -> tuple[list[str], Alert]:
    """Collect garbage, and see which warnings there are, and which lines on the loggers below `sqlalchemy.pool`."""
    alert, logger = Alert(), logging.getLogger("sqlalchemy.pool")
    logger.addHandler(alert)
    try:
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            gc.collect()
            await asyncio.sleep(0.1)  # The thread of a lost aiosqlite connection ends a moment later.
    finally:
        logger.removeHandler(alert)
    return [str(warning.message) for warning in caught if "collector" in str(warning.message)], alert


async def claim_logged(engine: AsyncEngine) -> None:
    """The logger `sqlalchemy.pool.impl.AsyncAdaptedQueuePool` has one `ERROR` line with the words `garbage collector` for each lost connection that the collector finds."""
    await collected()
    await lose(engine)
    await lose(engine)
    warned, logged = await collected()
    assert len(warned) == 2
    assert all("garbage collector" in line for line in warned)
    assert sorted(logged.lines) == sorted(warned)
    assert logged.names == {"sqlalchemy.pool.impl.AsyncAdaptedQueuePool"}


async def claim_slot(engine: AsyncEngine) -> None:
    """Until the collector has found a lost connection, its place in the pool is taken."""
    await collected()
    await lose(engine)
    assert checked_out(engine) == 1
    assert (await collected())[0]
    assert checked_out(engine) == 0


async def claim_not_used(engine: AsyncEngine) -> None:
    """A session that was never closed causes no warning if it holds no connection: it ran no statement, or its last transaction was committed."""
    await collected()
    AsyncSession(engine)
    session = AsyncSession(engine)
    await session.execute(text("SELECT 1"))
    await session.commit()
    del session
    assert checked_out(engine) == 0
    assert (await collected())[0] == []


async def claim_anext(engine: AsyncEngine) -> None:
    """The event loop closes the session of `await anext(get_session())` while your function still runs. Used after that, the session takes a connection that nothing returns."""
    closed = asyncio.Event()

    async def get_session() -> AsyncGenerator[AsyncSession]:
        try:
            async with AsyncSession(engine) as session:
                yield session
        finally:
            closed.set()

    await collected()
    session = await anext(get_session())
    await asyncio.sleep(0.1)
    assert closed.is_set()
    await session.execute(text("SELECT 1"))
    assert checked_out(engine) == 1
    del session
    assert len((await collected())[0]) == 1


async def claim_async_for(engine: AsyncEngine) -> None:
    """After a `return` inside `async for session in get_session()`, the connection stays checked out until the event loop has closed the generator, a moment later."""

    async def get_session() -> AsyncGenerator[AsyncSession]:
        async with AsyncSession(engine) as session:
            yield session

    async def ask() -> object:
        async for session in get_session():
            return await session.scalar(text("SELECT 1"))
        return None

    assert await ask() == 1
    assert checked_out(engine) == 1
    await asyncio.sleep(0.1)
    assert checked_out(engine) == 0


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

