# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0.38", "aiosqlite", "asyncpg", "psycopg[binary]"]
# ///
import asyncio
import os
import traceback
from collections.abc import Awaitable, Callable

import sqlalchemy.exc
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, create_async_engine

DATABASE_URL = os.environ.get("DATABASE_URL", "sqlite+aiosqlite:///greenlit.db")
ONE = text("SELECT 1")


async def refused(engine: AsyncEngine) -> str:
    try:
        async with engine.connect():
            return ""
    except sqlalchemy.exc.TimeoutError as error:
        return str(error)


async def claim_default_pool(engine: AsyncEngine) -> None:
    """The default pool of PostgreSQL or of a SQLite file gives out 15 connections. The 16th checkout waits for `pool_timeout`, and then gets the error."""
    short = create_async_engine(DATABASE_URL, pool_timeout=0.1)
    held = [await short.connect() for _ in range(15)]
    assert "QueuePool limit of size 5 overflow 10 reached" in await refused(short)
    for connection in held:
        await connection.close()
    await short.dispose()


async def claim_class(engine: AsyncEngine) -> None:
    """The class is `sqlalchemy.exc.TimeoutError`: `except TimeoutError` does not catch it without that import."""
    assert not issubclass(sqlalchemy.exc.TimeoutError, TimeoutError)


async def claim_turn(engine: AsyncEngine) -> None:
    """The error also comes when connections do come back, but to requests that have waited longer."""
    own = create_async_engine(DATABASE_URL, pool_size=1, max_overflow=0, pool_timeout=0.5)
    holder = await own.connect()
    taken = asyncio.Event()
    done = asyncio.Event()

    async def first_in_line() -> None:
        async with own.connect():
            taken.set()
            await done.wait()

    first = asyncio.create_task(first_in_line())
    await asyncio.sleep(0)
    late = asyncio.create_task(refused(own))
    await asyncio.sleep(0)
    await holder.close()
    await taken.wait()
    assert "QueuePool limit" in await late
    done.set()
    await first
    await own.dispose()


async def two_sessions_each(size: int) -> list[str]:
    """As many requests at once as the pool has connections, and each wants a second one."""
    engine = create_async_engine(DATABASE_URL, pool_size=size, max_overflow=0, pool_timeout=0.3)
    everybody_is_in = asyncio.Barrier(size)

    async def request() -> str:
        async with AsyncSession(engine) as session:
            await session.execute(ONE)
            await everybody_is_in.wait()
            return await refused(engine)

    answers = await asyncio.gather(*(request() for _ in range(size)))
    await engine.dispose()
    return answers


async def claim_two_sessions(engine: AsyncEngine) -> None:
    """With a pool of two and no overflow, two such requests at once are enough for the error; with a pool of four, four."""
    assert any("QueuePool limit" in answer for answer in await two_sessions_each(2))
    assert any("QueuePool limit" in answer for answer in await two_sessions_each(4))


async def claim_rollback_and_close(engine: AsyncEngine) -> None:
    """For a session on an engine, `commit()`, `rollback()` and `close()` each give the connection back; `flush()` does not."""
    async with AsyncSession(engine) as session:
        for end in (session.commit, session.rollback, session.close):
            await session.execute(ONE)
            await session.flush()
            assert "Current Checked out connections: 1" in engine.pool.status()
            await end()
            assert "Current Checked out connections: 0" in engine.pool.status()


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
