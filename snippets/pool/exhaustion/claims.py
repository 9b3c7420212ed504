# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0.38", "asyncpg", "psycopg[binary]"]
# ///
# drivers: asyncpg, psycopg (it reads pg_stat_activity)
import asyncio
import os
import sys
import traceback
from collections.abc import Awaitable, Callable
from typing import Any

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine
from sqlalchemy.pool import QueuePool

DATABASE_URL = os.environ.get("DATABASE_URL") or sys.exit(
    "needs PostgreSQL: DATABASE_URL=postgresql+asyncpg://user:password@localhost/test"
)

BACKENDS = text("SELECT pid FROM pg_stat_activity WHERE datname = current_database()")


async def pid(connection: AsyncConnection) -> int:
    found = await connection.scalar(text("SELECT pg_backend_pid()"))
    assert isinstance(found, int)
    return found


async def state(looking: AsyncConnection, of: int) -> str:
    found = await looking.scalar(text("SELECT state FROM pg_stat_activity WHERE pid = :of"), {"of": of})
    await looking.rollback()
    return str(found)


async def claim_slow_connecting(engine: AsyncEngine) -> None:
    """While the pool waits for a connection that has not reached the server, `checkedout()` counts it, and
    `pg_stat_activity` has no row for it."""
    asked, answers = asyncio.Event(), asyncio.Event()

    async def silent_server() -> Any:
        asked.set()
        await answers.wait()
        raise ConnectionRefusedError

    slow = create_async_engine(DATABASE_URL, async_creator=silent_server)
    async with engine.connect() as looking:
        before = set((await looking.scalars(BACKENDS)).all())
        await looking.rollback()
        first = asyncio.create_task(slow.connect().start())
        await asked.wait()
        assert isinstance(slow.pool, QueuePool)
        assert slow.pool.checkedout() == 1
        assert set((await looking.scalars(BACKENDS)).all()) <= before
    answers.set()
    await asyncio.gather(first, return_exceptions=True)
    await slow.dispose()


async def claim_ended_by_the_server(engine: AsyncEngine) -> None:
    """A connection that the server has ended while it was out still counts in `checkedout()`, and has no row any more."""
    assert isinstance(engine.pool, QueuePool)
    async with engine.connect() as kept, engine.connect() as looking:
        of, gone = await pid(kept), text("SELECT pg_terminate_backend(:of, 10000)")
        assert await looking.scalar(gone, {"of": of})
        assert of not in (await looking.scalars(BACKENDS)).all()
        assert engine.pool.checkedout() == 2
        await kept.invalidate()


async def claim_idle_under_autocommit(engine: AsyncEngine) -> None:
    """Under `AUTOCOMMIT`, a connection that is checked out and does nothing is `idle`, like one in the pool."""
    autocommit = create_async_engine(DATABASE_URL, isolation_level="AUTOCOMMIT")
    async with engine.connect() as looking, autocommit.connect() as kept:
        assert await state(looking, await pid(kept)) == "idle"
    async with engine.connect() as looking, engine.connect() as kept:
        assert await state(looking, await pid(kept)) == "idle in transaction"
    await autocommit.dispose()


async def claim_only_your_own_queries(engine: AsyncEngine) -> None:
    """A role without special rights sees `<insufficient privilege>` in place of the queries of other users."""
    async with engine.connect() as other, engine.connect() as looking:
        of = await pid(other)
        await looking.execute(text("CREATE ROLE greenlit_guest"))
        await looking.execute(text("SET LOCAL ROLE greenlit_guest"))
        query = text("SELECT query FROM pg_stat_activity WHERE pid = :of")
        assert await looking.scalar(query, {"of": of}) == "<insufficient privilege>"
        await looking.execute(text("RESET ROLE"))
        await looking.execute(text("GRANT pg_read_all_stats TO greenlit_guest"))
        await looking.execute(text("SET LOCAL ROLE greenlit_guest"))
        assert await looking.scalar(query, {"of": of}) == "SELECT pg_backend_pid()"
        await looking.rollback()  # The role goes with it.


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
