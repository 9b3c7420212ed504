# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0.22", "aiosqlite", "asyncpg", "psycopg[binary]"]
# ///
# silent: the answer is right, and no other request was served for a second
# raises: AssertionError
import asyncio
import os
import threading
import time
from itertools import pairwise

from sqlalchemy.ext.asyncio import AsyncSession, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

DATABASE_URL = os.environ.get("DATABASE_URL", "sqlite+aiosqlite:///greenlit.db")


class Base(DeclarativeBase):
    pass


class Report(Base):
    __tablename__ = "reports"

    id: Mapped[int] = mapped_column(primary_key=True)
    pages: Mapped[int]


# --8<-- [start:report]
def render(pages: int) -> str:
    time.sleep(1)  # A PDF library: it computes, and knows nothing of asyncio.
    return f"{pages} pages, by the loop's thread: {in_the_loops_thread()}"


async def report(session: AsyncSession, report_id: int) -> str:
    pages = (await session.get_one(Report, report_id)).pages
    await session.commit()
    return await session.run_sync(lambda _: render(pages))


# --8<-- [end:report]


def in_the_loops_thread() -> bool:
    return threading.current_thread() is threading.main_thread()


# --8<-- [start:heartbeat]
async def heartbeat(beats: list[float]) -> None:
    while True:
        beats.append(time.monotonic())
        await asyncio.sleep(0.01)


def longest_pause(beats: list[float]) -> float:
    return max(later - earlier for earlier, later in pairwise(beats))


# --8<-- [end:heartbeat]


async def main() -> None:
    engine = create_async_engine(DATABASE_URL)
    try:
        async with engine.begin() as connection:
            await connection.run_sync(Base.metadata.drop_all)
            await connection.run_sync(Base.metadata.create_all)
        async with AsyncSession(engine) as session, session.begin():
            session.add(Report(id=1, pages=12))
        async with AsyncSession(engine) as session:
            # --8<-- [start:proof]
            beats: list[float] = []
            pulse = asyncio.create_task(heartbeat(beats))
            print(await report(session, report_id=1))
            #> 12 pages, by the loop's thread: True
            await asyncio.sleep(0.02)
            pulse.cancel()
            assert longest_pause(beats) < 0.9, "the event loop stood still"
            # --8<-- [end:proof]
    finally:
        await engine.dispose()


if __name__ == "__main__":
    asyncio.run(main())
