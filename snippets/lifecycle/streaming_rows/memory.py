# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0", "aiosqlite", "asyncpg", "psycopg[binary]"]
# ///
import asyncio
import gc
import os
import tracemalloc
from collections.abc import Awaitable, Callable

from sqlalchemy import insert, select
from sqlalchemy.ext.asyncio import AsyncSession, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

DATABASE_URL = os.environ.get("DATABASE_URL", "sqlite+aiosqlite:///greenlit.db")

Way = Callable[[AsyncSession], Awaitable[None]]


class Base(DeclarativeBase):
    pass


class User(Base):
    __tablename__ = "users"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]


# --8<-- [start:ways]
async def execute(session: AsyncSession) -> None:
    for _ in await session.scalars(select(User)):
        pass


async def stream(session: AsyncSession) -> None:
    async for _ in await session.stream_scalars(select(User)):
        pass


async def stream_columns(session: AsyncSession) -> None:
    async for _ in await session.stream(select(User.id, User.name)):
        pass


async def stream_yield_per(session: AsyncSession) -> None:
    in_batches = select(User).execution_options(yield_per=100)
    async for _ in await session.stream_scalars(in_batches):
        pass


async def stream_partitions(session: AsyncSession) -> None:
    result = await session.stream_scalars(select(User))
    async for _ in result.partitions(100):
        pass


# --8<-- [end:ways]


async def peak(session: AsyncSession, way: Way) -> int:
    await way(session)  # Once before it counts, so that caches are warm.
    gc.collect()
    tracemalloc.start()
    await way(session)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    return peak


def as_share(part: float) -> str:
    if part < 0.1:
        return "less than a tenth"
    return "less" if part < 0.8 else "as much"


async def main() -> None:
    engine = create_async_engine(DATABASE_URL)
    try:
        async with engine.begin() as connection:
            await connection.run_sync(Base.metadata.drop_all)
            await connection.run_sync(Base.metadata.create_all)
            rows = [{"name": f"user {number}"} for number in range(10_000)]
            await connection.execute(insert(User), rows)
        async with AsyncSession(engine) as session:
            # --8<-- [start:table]
            print("way | peak memory")
            #> way | peak memory
            all_at_once = await peak(session, execute)
            for way in (stream, stream_columns, stream_yield_per, stream_partitions):
                print(f"{way.__name__} | {as_share(await peak(session, way) / all_at_once)}")
                #> stream | as much
                #> stream_columns | less
                #> stream_yield_per | less than a tenth
                #> stream_partitions | less than a tenth
            # --8<-- [end:table]
    finally:
        await engine.dispose()


if __name__ == "__main__":
    asyncio.run(main())
