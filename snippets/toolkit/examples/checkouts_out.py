# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0", "aiosqlite", "asyncpg", "psycopg[binary]"]
# ///
import asyncio
import os

from checkouts import Checkouts
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession, create_async_engine

DATABASE_URL = os.environ.get("DATABASE_URL", "sqlite+aiosqlite:///greenlit.db")

engine = create_async_engine(DATABASE_URL)
kept: list[AsyncSession] = []


# --8<-- [start:requests]
async def answers_slowly(asked: asyncio.Event, answered: asyncio.Event) -> None:
    async with AsyncSession(engine) as session:
        await session.execute(text("SELECT 'slow'"))
        asked.set()
        await answered.wait()


async def loses_it() -> None:
    session = AsyncSession(engine)
    kept.append(session)
    await session.execute(text("SELECT 'lost'"))


# --8<-- [end:requests]


# --8<-- [start:out]
def show(checkouts: Checkouts) -> None:
    for checkout in checkouts.out:
        now = "its task has ended" if checkout.ended else checkout.now.code
        print(f"{checkout.taken[0].function} took it: {now}")
        #> loses_it took it: its task has ended
        #> answers_slowly took it: await answered.wait()


# --8<-- [end:out]


async def main() -> None:
    asked, answered = asyncio.Event(), asyncio.Event()
    with Checkouts() as checkouts:
        losing = asyncio.create_task(loses_it())
        while not losing.done():
            await asyncio.sleep(0.01)
        answering = asyncio.create_task(answers_slowly(asked, answered))
        await asked.wait()
        show(checkouts)
        answered.set()
        await answering
        await kept[0].close()
    await engine.dispose()


if __name__ == "__main__":
    asyncio.run(main())
