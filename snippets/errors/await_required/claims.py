# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0.38", "aiosqlite"]
# ///
# drivers: aiosqlite (the creator returns a connection of sqlite3)
import asyncio
import os
import sqlite3
import time
import traceback
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

from sqlalchemy import select, text
from sqlalchemy.exc import AwaitRequired
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

DATABASE_URL = os.environ.get("DATABASE_URL", "sqlite+aiosqlite:///greenlit.db")


class Base(DeclarativeBase):
    pass


class Reading(Base):
    __tablename__ = "readings"

    id: Mapped[int] = mapped_column(primary_key=True)


def synchronous() -> sqlite3.Connection:
    connection = sqlite3.connect(":memory:")
    connection.execute("CREATE TABLE readings (id INTEGER PRIMARY KEY)")
    connection.create_function("pause", 0, lambda: time.sleep(0.2))
    return connection


@asynccontextmanager
async def mistaken() -> AsyncIterator[AsyncEngine]:
    engine = create_async_engine("sqlite+aiosqlite://", creator=synchronous)
    try:
        yield engine
    finally:
        await engine.dispose()


async def claim_models(engine: AsyncEngine) -> None:
    """An `AsyncSession` with that engine stores an object, reads it with `get()` and `select()`, and raises nothing."""
    async with mistaken() as wrong, AsyncSession(wrong) as session:
        session.add(Reading(id=1))
        await session.commit()
        session.expunge_all()
        assert await session.get(Reading, 1) is not None
        assert len((await session.scalars(select(Reading))).all()) == 1


async def claim_text(engine: AsyncEngine) -> None:
    """`session.execute(text(…))` does raise, with another text: `object has no attribute '_async_soft_close'`."""
    error = None
    async with mistaken() as wrong, AsyncSession(wrong) as session:
        try:
            await session.execute(text("SELECT 42"))
        except AttributeError as raised:
            error = raised
    assert "object has no attribute '_async_soft_close'" in str(error)


async def claim_blocks(engine: AsyncEngine) -> None:
    """While a statement of such a session runs, the event loop is blocked: no other task runs."""
    ran: list[str] = []
    async with mistaken() as wrong, AsyncSession(wrong) as session:
        await session.scalar(text("SELECT 1"))
        other = asyncio.create_task(asyncio.sleep(0))
        other.add_done_callback(lambda _: ran.append("other task"))
        await session.scalar(text("SELECT pause()"))
        assert ran == []
        await other


async def claim_connection(engine: AsyncEngine) -> None:
    """With the same engine, the first statement of `engine.connect()` raises `AwaitRequired`."""
    error = None
    async with mistaken() as wrong, wrong.connect() as connection:
        try:
            await connection.execute(text("SELECT 1"))
        except AwaitRequired as raised:
            error = raised
    assert error is not None


async def reason_against(claim: Callable[[AsyncEngine], Awaitable[None]]) -> str:
    """Why a claim does not hold here, or nothing."""
    engine = create_async_engine(DATABASE_URL)
    try:
        async with engine.begin() as connection:
            await connection.run_sync(Base.metadata.drop_all)
            await connection.run_sync(Base.metadata.create_all)
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
    engine = create_async_engine(DATABASE_URL)
    async with engine.begin() as connection:
        await connection.run_sync(Base.metadata.drop_all)  # Out of the way of a file that has some of these tables.
    await engine.dispose()


if __name__ == "__main__":
    asyncio.run(main())
