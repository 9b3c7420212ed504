# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0.38", "aiosqlite", "asyncpg", "psycopg[binary]"]
# ///
import asyncio
import os
import traceback
from collections.abc import Awaitable, Callable
from typing import Any

from sqlalchemy import text
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, create_async_engine

DATABASE_URL = os.environ.get("DATABASE_URL", "sqlite+aiosqlite:///greenlit.db")


def pool_of_one(**settings: Any) -> AsyncEngine:
    return create_async_engine(DATABASE_URL, pool_size=1, max_overflow=0, pool_timeout=1, **settings)


async def ask(engine: AsyncEngine) -> str:
    try:
        async with engine.connect():
            return "served"
    except PoolTimeout as error:
        return str(error)


async def claim_others_came_first(engine: AsyncEngine) -> None:
    """The error does not mean that no connection came back: a request that waited before this one may have got it."""
    small, got_it, done = pool_of_one(), asyncio.Event(), asyncio.Event()

    async def earlier() -> None:
        async with small.connect():
            got_it.set()
            await done.wait()

    holder = await small.connect()
    ahead = asyncio.create_task(earlier())
    await asyncio.sleep(0)
    behind = asyncio.create_task(ask(small))
    await asyncio.sleep(0)
    await holder.close()  # It comes back well within pool_timeout.
    await got_it.wait()
    assert "QueuePool limit of size 1 overflow 0 reached" in await behind
    done.set()
    await ahead
    await small.dispose()


async def commit_in_a_loop(engine: AsyncEngine, each: int) -> str:
    """What another request gets while sessions, of `each` commits, follow one another."""
    waiting: asyncio.Task[str] | None = None
    while waiting is None or not waiting.done():
        async with AsyncSession(engine) as session:
            for _ in range(each):
                await session.execute(text("SELECT 1"))
                if waiting is None:
                    waiting = asyncio.create_task(ask(engine))
                    await asyncio.sleep(0)
                await session.commit()
                if waiting.done():
                    break
    return await waiting


async def claim_a_loop_that_commits(engine: AsyncEngine) -> None:
    """A session that commits in a loop can take its connection again each time, before a request that waits for it."""
    small = pool_of_one()
    assert "QueuePool limit of size 1 overflow 0 reached" in await commit_in_a_loop(small, 100_000)
    await small.dispose()


async def claim_a_session_for_each_round(engine: AsyncEngine) -> None:
    """Here each round of the loop has a session of its own in an `async with`: the request that waits gets the connection."""
    small = pool_of_one()
    assert await commit_in_a_loop(small, 1) == "served"
    await small.dispose()


async def claim_while_connecting(engine: AsyncEngine) -> None:
    """A connection that is still being opened takes a place: the error can come before any request has got a connection."""
    asked, answers = asyncio.Event(), asyncio.Event()

    async def silent_server() -> Any:
        asked.set()
        await answers.wait()
        raise ConnectionRefusedError

    small = pool_of_one(async_creator=silent_server)
    first = asyncio.create_task(small.connect().start())
    await asked.wait()
    assert "QueuePool limit of size 1 overflow 0 reached" in await ask(small)
    answers.set()
    outcome = (await asyncio.gather(first, return_exceptions=True))[0]
    assert isinstance(outcome, Exception)
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
