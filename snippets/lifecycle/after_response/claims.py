# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0.38", "aiosqlite", "asyncpg", "psycopg[binary]", "starlette"]
# ///
import asyncio
import os
import threading
import traceback
from collections.abc import Awaitable, Callable

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, create_async_engine
from starlette.background import BackgroundTask

DATABASE_URL = os.environ.get("DATABASE_URL", "sqlite+aiosqlite:///greenlit.db")


async def rows_before_the_commit(engine: AsyncEngine) -> int:
    """What the session of a task sees while the request has not committed yet."""
    async with engine.begin() as connection:
        await connection.execute(text("DROP TABLE IF EXISTS sent_mails"))
        await connection.execute(text("CREATE TABLE sent_mails (id INTEGER)"))
    async with AsyncSession(engine) as request, AsyncSession(engine) as task:
        await request.execute(text("INSERT INTO sent_mails VALUES (1)"))
        return int(await task.scalar(text("SELECT count(*) FROM sent_mails")))


async def claim_not_before_the_commit(engine: AsyncEngine) -> None:
    """With a file or a server, a session does not see the row that a session on another connection has not committed."""
    assert await rows_before_the_commit(engine) == 0


async def claim_in_memory(engine: AsyncEngine) -> None:
    """With SQLite in memory (`sqlite+aiosqlite://`), a session sees the row that another has not committed: a test with it misses the mistake."""
    memory = create_async_engine("sqlite+aiosqlite://")
    seen = await rows_before_the_commit(memory)
    await memory.dispose()
    assert seen == 1


async def claim_autocommit(engine: AsyncEngine) -> None:
    """With an engine at `isolation_level="AUTOCOMMIT"`, a session sees the row that another has inserted, without a commit."""
    autocommit = create_async_engine(DATABASE_URL, isolation_level="AUTOCOMMIT")
    seen = await rows_before_the_commit(autocommit)
    await autocommit.dispose()
    assert seen == 1


async def claim_def_in_a_thread(engine: AsyncEngine) -> None:
    """A `def` task runs in another thread than the event loop, an `async def` task in the thread of the event loop."""
    threads: dict[str, int] = {}

    def plain() -> None:
        threads["def"] = threading.get_ident()

    async def coroutine() -> None:
        threads["async def"] = threading.get_ident()

    await BackgroundTask(plain)()
    await BackgroundTask(coroutine)()
    assert threads["def"] != threading.get_ident()
    assert threads["async def"] == threading.get_ident()


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
