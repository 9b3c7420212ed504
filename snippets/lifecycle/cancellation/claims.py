# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0.38", "aiosqlite", "asyncpg", "psycopg[binary]", "anyio"]
# ///
# also: asyncpg==0.31.*, asyncpg==0.30.*, psycopg==3.2.*
import asyncio
import os
import traceback
from collections.abc import Awaitable, Callable

import anyio
from sqlalchemy import event, text
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, create_async_engine
from sqlalchemy.pool import QueuePool

DATABASE_URL = os.environ.get("DATABASE_URL", "sqlite+aiosqlite:///greenlit.db")


def checked_out(engine: AsyncEngine) -> int:
    assert isinstance(engine.pool, QueuePool)
    return engine.pool.checkedout()


async def cancel_in(work: Callable[[asyncio.Event], Awaitable[None]]) -> None:
    """Cancel a task that runs the work when the work has set its event."""
    waiting = asyncio.Event()
    task = asyncio.ensure_future(work(waiting))
    await waiting.wait()
    task.cancel()
    await asyncio.wait([task])


async def claim_in_the_commit(engine: AsyncEngine) -> None:
    """If a task is cancelled while its `COMMIT` is running, its work can be stored all the same."""
    async with engine.begin() as connection:
        await connection.execute(text("DROP TABLE IF EXISTS cancelled"))
        await connection.execute(text("CREATE TABLE cancelled (id integer)"))

    async def work() -> None:
        async with AsyncSession(engine) as session:
            await session.execute(text("INSERT INTO cancelled VALUES (1)"))
            await session.commit()

    task = asyncio.create_task(work())
    loop = asyncio.get_running_loop()
    event.listen(engine.sync_engine, "commit", lambda _: loop.call_soon(task.cancel))
    await asyncio.wait([task])
    assert task.cancelled()
    async with AsyncSession(engine) as session:
        assert await session.scalar(text("SELECT count(*) FROM cancelled")) == 1


async def claim_closed_by_hand(engine: AsyncEngine) -> None:
    """A session that is closed by hand in an `except Exception` keeps its connection when its task is cancelled between two queries."""
    session = AsyncSession(engine)

    async def work(waiting: asyncio.Event) -> None:
        try:
            await session.execute(text("SELECT 1"))
            waiting.set()
            await asyncio.Event().wait()
        except Exception:
            await session.close()

    await cancel_in(work)
    held = checked_out(engine)
    await session.close()
    assert held == 1


async def claim_closed_by_the_block(engine: AsyncEngine) -> None:
    """A session that is opened with `async with` gives its connection back when its task is cancelled between two queries."""

    held: list[int] = []

    async def work(waiting: asyncio.Event) -> None:
        async with AsyncSession(engine) as session:
            await session.execute(text("SELECT 1"))
            held.append(checked_out(engine))
            waiting.set()
            await asyncio.Event().wait()

    await cancel_in(work)
    assert [*held, checked_out(engine)] == [1, 0]


async def claim_timeout_between_queries(engine: AsyncEngine) -> None:
    """If `asyncio.timeout` ends between two queries and you catch its `TimeoutError` (it has no text) in the session's
    block, the transaction goes on without a rollback."""
    async with AsyncSession(engine) as session:
        await session.execute(text("SELECT 1"))
        transaction = session.get_transaction()
        error = None
        try:
            async with asyncio.timeout(0):
                await asyncio.Event().wait()
        except TimeoutError as raised:
            error = raised
        assert str(error) == ""
        assert await session.scalar(text("SELECT 2")) == 2
        assert session.get_transaction() is transaction


async def claim_shield(engine: AsyncEngine) -> None:
    """A shielded scope keeps out the cancellation of a scope around it, and not `task.cancel()`."""
    done: list[str] = []

    async def clean_up(name: str) -> None:
        with anyio.CancelScope(shield=True):
            async with AsyncSession(engine) as session:
                await session.execute(text("SELECT 1"))
                done.append(name)

    with anyio.CancelScope() as around:
        around.cancel()
        await clean_up("scope")
    task = asyncio.create_task(clean_up("task"))
    await asyncio.sleep(0)
    task.cancel()
    await asyncio.wait([task])
    assert done == ["scope"]
    assert task.cancelled()


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
