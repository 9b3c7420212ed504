# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0", "aiosqlite", "asyncpg", "psycopg[binary]"]
# ///
# silent: the note is lost, a connection is held, and nothing is raised
# raises: AssertionError
# leaks: the closed session begins again, and nobody closes it a second time
import asyncio
import gc
import os

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

DATABASE_URL = os.environ.get("DATABASE_URL", "sqlite+aiosqlite:///greenlit.db")


class Base(DeclarativeBase):
    pass


class Note(Base):
    __tablename__ = "notes"

    id: Mapped[int] = mapped_column(primary_key=True)
    text: Mapped[str]


engine = create_async_engine(DATABASE_URL)
session_factory = async_sessionmaker(engine)


# --8<-- [start:note]
async def write_note(session: AsyncSession, text: str) -> None:
    session.add(Note(text=text))
    await session.flush()  # Whoever opened the session commits.


async def request() -> None:
    async with session_factory.begin() as session:
        await write_note(session, "Ada called")
    await write_note(session, "call Ada back")


# --8<-- [end:note]


# --8<-- [start:proof]
async def prove() -> None:
    await request()
    held = engine.sync_engine.pool.checkedout()  # type: ignore[attr-defined]
    async with session_factory() as session:
        stored = await session.scalar(select(func.count()).select_from(Note))
    print(f"{stored} notes stored, {held} connections held")
    #> 1 notes stored, 1 connections held
    gc.collect()
    await asyncio.sleep(0.2)  # A lost connection is closed in the background.
    assert (stored, held) == (2, 0), "a note is lost, and its connection with it"


# --8<-- [end:proof]


async def main() -> None:
    gc.disable()  # Of itself, it would collect at another moment in each run.
    try:
        async with engine.begin() as connection:
            await connection.run_sync(Base.metadata.drop_all)
            await connection.run_sync(Base.metadata.create_all)
        await prove()
    finally:
        gc.enable()
        await engine.dispose()


if __name__ == "__main__":
    asyncio.run(main())
