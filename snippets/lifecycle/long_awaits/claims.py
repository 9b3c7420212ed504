# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0.38", "asyncpg", "psycopg[binary]"]
# ///
# drivers: asyncpg, psycopg (SQLite has no server that could be asked for its connections)
import asyncio
import os
import sys
import traceback
from collections.abc import Awaitable, Callable

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, create_async_engine

DATABASE_URL = os.environ.get("DATABASE_URL") or sys.exit(
    "needs PostgreSQL: DATABASE_URL=postgresql+asyncpg://user:password@localhost/test"
)
STATE = text("SELECT state FROM pg_stat_activity WHERE pid = :pid")


async def state_after_a_query(engine: AsyncEngine) -> object:
    """What PostgreSQL says of a session that has read and now awaits something else."""
    async with AsyncSession(engine) as waiting, AsyncSession(engine) as other:
        pid = await waiting.scalar(text("SELECT pg_backend_pid()"))
        return await other.scalar(STATE, {"pid": pid})


async def claim_idle_in_transaction(engine: AsyncEngine) -> None:
    """`pg_stat_activity` shows the connection of a session that has read and now awaits something else as
    `idle in transaction`."""
    assert await state_after_a_query(engine) == "idle in transaction"


async def claim_autocommit(engine: AsyncEngine) -> None:
    """At the level `AUTOCOMMIT`, it shows it as `idle`, although the session holds the connection just as long."""
    assert await state_after_a_query(engine.execution_options(isolation_level="AUTOCOMMIT")) == "idle"


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
