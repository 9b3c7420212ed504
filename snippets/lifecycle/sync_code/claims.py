# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0.38", "aiosqlite", "asyncpg", "psycopg[binary]"]
# ///
import asyncio
import logging
import os
import time
import traceback
from collections.abc import Awaitable, Callable

from sqlalchemy import Integer, func, select, text
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Session, mapped_column

DATABASE_URL = os.environ.get("DATABASE_URL", "sqlite+aiosqlite:///greenlit.db")

SLOW = text("WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 300000) SELECT count(*) FROM n")


class Base(DeclarativeBase):
    pass


class Order(Base):
    __tablename__ = "orders"
    id = mapped_column(Integer, primary_key=True)


async def claim_one_transaction(engine: AsyncEngine) -> None:
    """What a function in `run_sync()` writes is in the transaction of the session: its awaited queries see it, and its rollback undoes it."""

    def old_code(session: Session) -> None:
        session.add(Order(id=1))
        session.flush()

    async with AsyncSession(engine) as session:
        await session.run_sync(old_code)
        assert await session.scalar(select(func.count()).select_from(Order)) == 1
        await session.rollback()
        assert await session.scalar(select(func.count()).select_from(Order)) == 0


async def claim_others_run_while_it_waits(engine: AsyncEngine) -> None:
    """While a function in `run_sync()` waits for the database, the event loop runs other tasks."""
    beats = 0

    async def heartbeat() -> None:
        nonlocal beats
        while True:
            beats += 1
            await asyncio.sleep(0)

    def old_code(session: Session) -> int:
        before = beats
        session.execute(SLOW)
        return beats - before

    async with AsyncSession(engine) as session:
        await session.execute(text("SELECT 1"))
        other = asyncio.create_task(heartbeat())
        await asyncio.sleep(0)
        assert await session.run_sync(old_code) > 0
        other.cancel()


async def claim_debug_names_the_slow_task(engine: AsyncEngine) -> None:
    """With `asyncio.run(main(), debug=True)`, a function in `run_sync()` that blocks for more than 100 ms is logged as `Executing <Task ...> took ... seconds`."""
    logged: list[str] = []

    class Keep(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            logged.append(record.getMessage())

    async def job() -> None:
        own = create_async_engine(DATABASE_URL)
        async with AsyncSession(own) as session:
            await session.run_sync(lambda _: time.sleep(0.3))
        await own.dispose()

    logger, keep = logging.getLogger("asyncio"), Keep()
    logger.addHandler(keep)
    try:
        await asyncio.to_thread(asyncio.run, job(), debug=True)
    finally:
        logger.removeHandler(keep)
    assert any(line.startswith("Executing <Task") and "job()" in line and " took " in line for line in logged)


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
