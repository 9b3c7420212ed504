# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0.38", "asyncpg"]
# ///
# also: asyncpg==0.31.*, asyncpg==0.30.*
# drivers: asyncpg (the message is its own)
import asyncio
import os
import sys
import traceback
from collections.abc import Awaitable, Callable
from typing import Any

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, AsyncSession, create_async_engine

DATABASE_URL = os.environ.get("DATABASE_URL") or sys.exit(
    "needs PostgreSQL: DATABASE_URL=postgresql+asyncpg://user:password@localhost/test"
)
IN_PROGRESS = "cannot perform operation: another operation is in progress"


async def meanwhile(
    shared: AsyncSession | AsyncConnection, engine: AsyncEngine, ends: str, cancel: bool = False
) -> Exception | None:
    """What `shared.commit()` and the like say while a query of another task is running."""
    pid = (await shared.execute(text("SELECT pg_backend_pid()"))).scalar_one()
    running = text("SELECT 1 FROM pg_stat_activity WHERE pid = :pid AND wait_event = 'PgSleep'")
    task: asyncio.Task[Any] = asyncio.create_task(shared.execute(text("SELECT pg_sleep(60)")))
    async with engine.connect() as watching:
        watcher = await watching.execution_options(isolation_level="AUTOCOMMIT")
        while not (await watcher.execute(running, {"pid": pid})).scalar():
            await asyncio.sleep(0.01)
        error = None
        if cancel:
            task.cancel()
        try:
            await getattr(shared, ends)()
        except Exception as raised:
            error = raised
        if not cancel:  # A cancelled query ends by itself.
            await watcher.execute(text("SELECT pg_terminate_backend(:pid)"), {"pid": pid})
    await asyncio.gather(task, return_exceptions=True)
    return error


async def claim_session(engine: AsyncEngine) -> None:
    """`commit()`, `rollback()` and `close()` of a shared session raise it while another task's query is running."""
    said = []
    for ends in ("commit", "rollback", "close"):
        sharing = create_async_engine(DATABASE_URL)
        session = AsyncSession(sharing)
        said.append(IN_PROGRESS in str(await meanwhile(session, engine, ends)))
        await session.invalidate()
        await sharing.dispose()
    assert said == [True, True, True]


async def claim_cancelled(engine: AsyncEngine) -> None:
    """A task that you have cancelled, but not awaited yet, counts too: `commit()` raises it."""
    sharing = create_async_engine(DATABASE_URL)
    session = AsyncSession(sharing)
    assert IN_PROGRESS in str(await meanwhile(session, engine, "commit", cancel=True))
    await session.invalidate()
    await sharing.dispose()


async def claim_two_queries(engine: AsyncEngine) -> None:
    """Two queries of one session that has its connection already do not raise it: the second one waits for the first."""
    ended: list[str] = []

    async def query(session: AsyncSession, name: str, seconds: float) -> None:
        await session.execute(text("SELECT pg_sleep(:seconds)"), {"seconds": seconds})
        ended.append(name)

    async with AsyncSession(engine) as session:
        await session.connection()
        async with asyncio.TaskGroup() as group:
            group.create_task(query(session, "first", 0.3))
            group.create_task(query(session, "second", 0))
    assert ended == ["first", "second"]


async def claim_connection(engine: AsyncEngine) -> None:
    """`commit()` of a shared connection during a query of another task raises it."""
    connection = await engine.connect()
    assert IN_PROGRESS in str(await meanwhile(connection, engine, "commit"))
    await connection.invalidate()
    await connection.close()


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
