# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0.38", "aiosqlite"]
# ///
# drivers: aiosqlite (the lock on the whole file is SQLite's)
# also: sqlalchemy==2.0.*
import asyncio
import os
import traceback
from collections.abc import Awaitable, Callable

from sqlalchemy import Integer, func, select, text
from sqlalchemy.exc import OperationalError
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, create_async_engine
from sqlalchemy.orm import DeclarativeBase, mapped_column

DATABASE_URL = os.environ.get("DATABASE_URL", "sqlite+aiosqlite:///greenlit.db")


class Base(DeclarativeBase):
    pass


class Order(Base):
    __tablename__ = "orders"

    id = mapped_column(Integer, primary_key=True)


def impatient(engine: AsyncEngine) -> AsyncEngine:
    return create_async_engine(engine.url, connect_args={"timeout": 0.1})


async def commit_says(session: AsyncSession) -> str:
    try:
        await session.commit()
    except OperationalError as error:
        return str(error.orig)
    return "nothing"


async def claim_timeout(engine: AsyncEngine) -> None:
    """A connection waits 5 seconds for the lock. `connect_args={"timeout": 30}` makes it 30."""
    patient = create_async_engine(engine.url, connect_args={"timeout": 30})
    async with engine.connect() as usual, patient.connect() as longer:
        assert await usual.scalar(text("PRAGMA busy_timeout")) == 5000
        assert await longer.scalar(text("PRAGMA busy_timeout")) == 30000
    await patient.dispose()


async def claim_second_session(engine: AsyncEngine) -> None:
    """A function that flushes in one session and then writes through a second one waits for itself, until the timeout."""
    other = impatient(engine)
    async with AsyncSession(other) as outer, AsyncSession(other) as inner:
        outer.add(Order())
        await outer.flush()
        inner.add(Order())
        assert await commit_says(inner) == "database is locked"
    await other.dispose()


async def claim_reading_holds_nothing(engine: AsyncEngine) -> None:
    """A session that has only read, and is still open, does not keep another from writing."""
    other = impatient(engine)
    async with AsyncSession(other) as reader, AsyncSession(other) as writer:
        assert await reader.scalar(select(func.count(Order.id))) == 0
        writer.add(Order())
        assert await commit_says(writer) == "nothing"
    await other.dispose()


async def claim_open_stream(engine: AsyncEngine) -> None:
    """A stream that is not read to its end makes the COMMIT of another connection wait, and fail."""
    other = impatient(engine)
    async with AsyncSession(other) as filling:
        filling.add_all([Order() for _ in range(1000)])
        await filling.commit()
    async with AsyncSession(other) as reader, AsyncSession(other) as writer:
        stream = await reader.stream(select(Order.id))
        assert len(await stream.fetchmany(5)) == 5
        writer.add(Order())
        assert await commit_says(writer) == "database is locked"
        await stream.close()
    await other.dispose()


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


if __name__ == "__main__":
    asyncio.run(main())
