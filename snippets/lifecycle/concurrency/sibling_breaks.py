# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0.22", "aiosqlite", "asyncpg"]
# ///
# drivers: aiosqlite, asyncpg (on psycopg, the lost connection does not show in every run)
# unrecorded: several tasks at once, and which connection comes first varies
# silent: the next request finds no connection in the pool
# leaks: the session cannot be closed while its connection is still being opened
import asyncio
import gc
import os

from sqlalchemy import exc
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

DATABASE_URL = os.environ.get("DATABASE_URL", "sqlite+aiosqlite:///greenlit.db")


class Base(DeclarativeBase):
    pass


class City(Base):
    __tablename__ = "cities"

    name: Mapped[str] = mapped_column(primary_key=True)
    visits: Mapped[int] = mapped_column(default=0)


# --8<-- [start:page]
async def visits(session: AsyncSession, name: str) -> int:
    return (await session.get_one(City, name)).visits


async def load_map(name: str) -> None:
    raise ValueError(f"no map of {name}")


async def city_page(session_factory: async_sessionmaker[AsyncSession], name: str) -> None:
    async with session_factory() as session:
        await asyncio.gather(visits(session, name), load_map(name))


# --8<-- [end:page]


# --8<-- [start:call]
async def two_requests(session_factory: async_sessionmaker[AsyncSession]) -> None:
    try:
        await city_page(session_factory, "Oslo")
    except Exception as error:
        print(str(error).partition(" and this")[0])
        #> Method 'close()' can't be called here; method '_connection_for_bind()' is already in progress
        await next_request(session_factory)


# --8<-- [end:call]


# --8<-- [start:next]
async def next_request(session_factory: async_sessionmaker[AsyncSession]) -> None:
    try:
        async with session_factory() as session:
            print(await visits(session, "Rome"))
    except exc.TimeoutError as error:
        print(str(error).partition(" (Background")[0])
        #> QueuePool limit of size 1 overflow 0 reached, connection timed out, timeout 1.00


# --8<-- [end:next]


async def main() -> None:
    # --8<-- [start:engine]
    engine = create_async_engine(DATABASE_URL, pool_size=1, max_overflow=0, pool_timeout=1)
    # --8<-- [end:engine]
    try:
        async with engine.begin() as connection:
            await connection.run_sync(Base.metadata.drop_all)
            await connection.run_sync(Base.metadata.create_all)
        session_factory = async_sessionmaker(engine)
        async with session_factory.begin() as session:
            session.add_all([City(name=name, visits=2) for name in ("Oslo", "Rome", "Lima")])

        await engine.dispose()  # As after a start: no connection is open.
        await two_requests(session_factory)
        gc.collect()  # Here and now, and not at some later time.
        await asyncio.sleep(0.2)
    finally:
        await engine.dispose()


if __name__ == "__main__":
    asyncio.run(main())
