# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0.38", "aiosqlite"]
# ///
# drivers: aiosqlite (the creator returns a connection of sqlite3)
# also: sqlalchemy==2.0.*
import asyncio
import os
import sqlite3
import time
import traceback
from collections.abc import Awaitable, Callable

from sqlalchemy import text
from sqlalchemy.exc import AwaitRequired
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, create_async_engine

DATABASE_URL = os.environ.get("DATABASE_URL", "sqlite+aiosqlite:///greenlit.db")


def synchronous() -> sqlite3.Connection:
    connection = sqlite3.connect(":memory:")
    connection.create_function("pause", 0, lambda: time.sleep(0.2))
    return connection


async def claim_blocks(engine: AsyncEngine) -> None:
    """While a statement of such a session runs, the event loop is blocked: no other task runs."""
    ran: list[str] = []
    mistaken = create_async_engine("sqlite+aiosqlite://", creator=synchronous)
    async with AsyncSession(mistaken) as session:
        await session.execute(text("SELECT 1"))
        other = asyncio.create_task(asyncio.sleep(0))
        other.add_done_callback(lambda _: ran.append("other task"))
        await session.execute(text("SELECT pause()"))
        assert ran == []
    await other
    await mistaken.dispose()


async def claim_connection(engine: AsyncEngine) -> None:
    """`engine.connect()` with the same engine raises `AwaitRequired` at its first statement."""
    mistaken = create_async_engine("sqlite+aiosqlite://", creator=synchronous)
    error = None
    async with mistaken.connect() as connection:
        try:
            await connection.execute(text("SELECT 1"))
        except AwaitRequired as raised:
            error = raised
    await mistaken.dispose()
    assert error is not None


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
