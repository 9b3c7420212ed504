# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0.38", "aiosqlite", "asyncpg", "psycopg[binary]"]
# ///
import asyncio
import logging
import os
import traceback
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine
from sqlalchemy.pool import NullPool

DATABASE_URL = os.environ.get("DATABASE_URL", "sqlite+aiosqlite:///greenlit.db")


class Lines(logging.Handler):
    def __init__(self) -> None:
        super().__init__()
        self.closing = 0

    def emit(self, record: logging.LogRecord) -> None:
        self.closing += record.getMessage().startswith("Closing connection")


@contextmanager
def pool_log() -> Iterator[Lines]:
    logger, lines = logging.getLogger("sqlalchemy.pool"), Lines()
    level, propagate = logger.level, logger.propagate
    logger.addHandler(lines)
    logger.setLevel(logging.DEBUG)
    logger.propagate = False
    try:
        yield lines
    finally:
        logger.removeHandler(lines)
        logger.setLevel(level)
        logger.propagate = propagate


async def claim_closing_in_null_pool(engine: AsyncEngine) -> None:
    """With `NullPool`, `Closing connection` is logged each time a connection comes back."""
    with pool_log() as lines:
        unpooled = create_async_engine(DATABASE_URL, poolclass=NullPool)
        for _ in range(3):
            async with unpooled.connect():
                pass
        assert lines.closing == 3


async def claim_closing_with_a_held_connection(engine: AsyncEngine) -> None:
    """`Closing connection` also appears if a request keeps its connection while it waits for something else, so that others need the overflow."""
    with pool_log() as lines:
        small = create_async_engine(DATABASE_URL, pool_size=1, max_overflow=1)
        async with small.connect() as waiting_for_a_service:
            await waiting_for_a_service.execute(text("SELECT 1"))
            async with small.connect():
                pass
            assert lines.closing == 0
        assert lines.closing == 1
        await small.dispose()


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
