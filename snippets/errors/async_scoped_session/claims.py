# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0.38", "aiosqlite", "asyncpg", "psycopg[binary]"]
# ///
import asyncio
import os
import traceback
from collections.abc import Awaitable, Callable

from sqlalchemy import text
from sqlalchemy.ext.asyncio import (
    AsyncEngine,
    AsyncSession,
    async_scoped_session,
    async_sessionmaker,
    create_async_engine,
)
from sqlalchemy.pool import QueuePool

DATABASE_URL = os.environ.get("DATABASE_URL", "sqlite+aiosqlite:///greenlit.db")


def checked_out(engine: AsyncEngine) -> int:
    assert isinstance(engine.pool, QueuePool)
    return engine.pool.checkedout()


async def claim_the_session_stays(engine: AsyncEngine) -> None:
    """After its task has ended, a session stays in the registry. Its connection stays checked out too, unless the task ended its transaction."""
    current = async_scoped_session(async_sessionmaker(engine), scopefunc=asyncio.current_task)
    sessions: dict[object, AsyncSession] = current.registry.registry

    async def job(commit: bool) -> None:
        await current.execute(text("SELECT 1"))
        if commit:
            await current.commit()

    await asyncio.create_task(job(True))
    assert len(sessions) == 1
    assert checked_out(engine) == 0
    await asyncio.create_task(job(False))
    assert len(sessions) == 2
    assert checked_out(engine) == 1
    for session in sessions.values():
        await session.close()


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
