# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0", "aiosqlite", "asyncpg", "psycopg[binary]"]
# ///
# unrecorded: several tasks at once, and which connection comes first varies
# silent: reading works when the pool is warm, and rows of failed tasks are stored
import asyncio
import os
from collections import Counter
from collections.abc import Awaitable, Callable

from sqlalchemy import delete, func, select
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

DATABASE_URL = os.environ.get("DATABASE_URL", "sqlite+aiosqlite:///greenlit.db")


class Base(DeclarativeBase):
    pass


class City(Base):
    __tablename__ = "cities"

    name: Mapped[str] = mapped_column(primary_key=True)
    visits: Mapped[int] = mapped_column(default=0)



# --8<-- [start:work]
async def read(session: AsyncSession, name: str) -> None:
    await session.get(City, name)


async def flush(session: AsyncSession, name: str) -> None:
    session.add(City(name=name))
    await session.flush()


async def commit(session: AsyncSession, name: str) -> None:
    session.add(City(name=name))
    await session.commit()


# --8<-- [end:work]


Work = Callable[[AsyncSession, str], Awaitable[None]]


# --8<-- [start:three]
async def three_at_once(session_factory: async_sessionmaker[AsyncSession], work: Work) -> str:
    async with session_factory() as session:
        tasks = [work(session, name) for name in ("Oslo", "Rome", "Lima")]
        ends = await asyncio.gather(*tasks, return_exceptions=True)
    return ", ".join(f"{n} {end}" for end, n in Counter(map(named, ends)).items())


# --8<-- [end:three]


def named(end: object) -> str:
    return type(end).__name__ if isinstance(end, BaseException) else "fine"


# --8<-- [start:table]
async def compare(session_factory: async_sessionmaker[AsyncSession], forget_connections: Callable[[], Awaitable[None]]) -> None:
    print("three tasks | the pool | outcome | rows stored")
    #> three tasks | the pool | outcome | rows stored
    for work in (read, flush, commit):
        for pool in ("cold", "warm"):
            if pool == "cold":
                await forget_connections()
            outcome = await three_at_once(session_factory, work)
            async with session_factory.begin() as session:
                stored = await session.scalar(select(func.count()).select_from(City))
                await session.execute(delete(City))
            print(f"{work.__name__} | {pool} | {outcome} | {stored}")
            #> read | cold | 1 fine, 2 InvalidRequestError | 0
            #> read | warm | 3 fine | 0
            #> flush | cold | 1 fine, 2 InvalidRequestError | 0
            #> flush | warm | 1 fine, 2 InvalidRequestError | 0
            #> commit | cold | 1 fine, 2 InvalidRequestError | 3
            #> commit | warm | 1 ResourceClosedError, 2 IllegalStateChangeError | 0


# --8<-- [end:table]


async def main() -> None:
    engine = create_async_engine(DATABASE_URL)
    try:
        async with engine.begin() as connection:
            await connection.run_sync(Base.metadata.drop_all)
            await connection.run_sync(Base.metadata.create_all)
        session_factory = async_sessionmaker(engine)
        await compare(session_factory, engine.dispose)
    finally:
        await engine.dispose()


if __name__ == "__main__":
    asyncio.run(main())
