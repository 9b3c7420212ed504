# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0.38", "aiosqlite", "psycopg[binary]"]
# ///
# drivers: aiosqlite, psycopg (asyncpg breaks without anybody waiting)
import asyncio
import os
import traceback
from collections.abc import Awaitable, Callable

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

DATABASE_URL = os.environ.get("DATABASE_URL", "sqlite+aiosqlite:///greenlit.db")


async def select_one(engine: AsyncEngine) -> None:
    async with engine.connect() as connection:
        await connection.execute(text("SELECT 1"))


async def run(engine: AsyncEngine, tasks: int) -> None:
    await asyncio.gather(*(select_one(engine) for _ in range(tasks)))


def in_loops_of_their_own(*tasks: int) -> list[str]:
    """What each event loop does with so many tasks, and with one engine of one connection."""
    engine, outcome = create_async_engine(DATABASE_URL, pool_size=1, max_overflow=0), []
    for each in tasks:
        try:
            asyncio.run(run(engine, each))
            outcome.append("works")
        except RuntimeError as error:
            outcome.append("is bound" if "is bound to a different event loop" in str(error) else str(error))
    asyncio.run(engine.dispose())
    return outcome


async def claim_waiting_in_one_loop(engine: AsyncEngine) -> None:
    """Tasks may wait for a connection in one of the loops; if tasks wait in a second one, that raises."""
    assert await asyncio.to_thread(in_loops_of_their_own, 1, 2, 1) == ["works", "works", "works"]
    assert await asyncio.to_thread(in_loops_of_their_own, 1, 2, 2) == ["works", "works", "is bound"]


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
