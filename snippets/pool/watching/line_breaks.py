# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0", "aiosqlite", "asyncpg", "psycopg[binary]"]
# ///
# silent: the listener finds no line of the application on its own stack
import asyncio
import linecache
import os
import sys
from types import FrameType

from sqlalchemy import event, text
from sqlalchemy.ext.asyncio import AsyncSession, create_async_engine

DATABASE_URL = os.environ.get("DATABASE_URL", "sqlite+aiosqlite:///greenlit.db")

engine = create_async_engine(DATABASE_URL)
taken_at: list[str] = []


# --8<-- [start:listen]
def line_of_mine(frame: FrameType | None) -> str:
    while frame is not None:
        if frame.f_code.co_filename == __file__:
            return linecache.getline(__file__, frame.f_lineno).strip()
        frame = frame.f_back
    return "no line of mine"


@event.listens_for(engine.sync_engine, "checkout")
def on_checkout(*_: object) -> None:
    taken_at.append(line_of_mine(sys._getframe(1)))


# --8<-- [end:listen]


async def main() -> None:
    # --8<-- [start:taken]
    async with AsyncSession(engine) as session:
        await session.execute(text("SELECT 1"))
        print(taken_at)
        #> ['no line of mine']
    # --8<-- [end:taken]
    # --8<-- [start:gathered]
    async with AsyncSession(engine) as session:
        await asyncio.gather(session.execute(text("SELECT 2")))
        print(taken_at[-1])
        #> no line of mine
    # --8<-- [end:gathered]
    await engine.dispose()


if __name__ == "__main__":
    asyncio.run(main())
