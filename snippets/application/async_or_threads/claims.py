# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0.38", "aiosqlite", "asyncpg", "psycopg[binary]"]
# ///
import asyncio
import os
import time
import traceback
from collections.abc import Awaitable, Callable
from typing import Any

from sqlalchemy import Select, insert, select
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

DATABASE_URL = os.environ.get("DATABASE_URL", "sqlite+aiosqlite:///greenlit.db")


class Base(DeclarativeBase):
    pass


class Measurement(Base):
    __tablename__ = "loop_measurements"

    id: Mapped[int] = mapped_column(primary_key=True)
    value: Mapped[int]
    name: Mapped[str]


async def fill(engine: AsyncEngine) -> None:
    async with engine.begin() as connection:
        rows = [{"id": number, "value": number, "name": "a name"} for number in range(10_000)]
        await connection.execute(insert(Measurement), rows)


class Held:
    """The longest time, of the processor, for which the event loop gave no turn to another task."""

    def __init__(self) -> None:
        self.seconds = 0.0
        self.task = asyncio.create_task(self.tick())

    async def tick(self) -> None:
        await asyncio.sleep(0)
        last = time.thread_time()
        while True:
            await asyncio.sleep(0)
            now = time.thread_time()
            self.seconds, last = max(self.seconds, now - last), now

    def stop(self) -> float:
        self.task.cancel()
        return self.seconds


async def best(measure: Callable[[], Awaitable[float]]) -> float:
    return min([await measure() for _ in range(5)])


async def claim_objects_or_rows(engine: AsyncEngine) -> None:
    """For 10,000 rows with three columns, `await session.execute()` held the event loop more than twice as long for objects as for rows."""
    await fill(engine)

    async def held(query: Select[*tuple[Any, ...]]) -> float:
        async with AsyncSession(engine) as session:
            held = Held()
            await asyncio.sleep(0)
            result = await session.execute(query)
            await asyncio.sleep(0)
            assert len(result.all()) == 10_000
            return held.stop()

    objects = await best(lambda: held(select(Measurement)))
    rows = await best(lambda: held(select(Measurement.id, Measurement.value, Measurement.name)))
    assert objects > 2 * rows


async def claim_stream(engine: AsyncEngine) -> None:
    """Read with `stream_scalars()` in partitions of 500, 10,000 objects held the event loop less than half as long at a time as with `scalars()`."""
    await fill(engine)

    async def scalars() -> float:
        async with AsyncSession(engine) as session:
            held = Held()
            await asyncio.sleep(0)
            result = await session.scalars(select(Measurement))
            await asyncio.sleep(0)
            assert len(result.all()) == 10_000
            return held.stop()

    async def stream() -> float:
        async with AsyncSession(engine) as session:
            held = Held()
            await asyncio.sleep(0)
            query = select(Measurement).execution_options(yield_per=500)
            result = await session.stream_scalars(query)
            count = 0
            async for objects in result.partitions(500):
                count += len(objects)
            await asyncio.sleep(0)
            assert count == 10_000
            return held.stop()

    at_once, in_parts = await best(scalars), await best(stream)
    assert in_parts < at_once / 2, "it holds the loop as long"


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
