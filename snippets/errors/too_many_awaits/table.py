# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0", "aiosqlite", "asyncpg", "psycopg[binary]"]
# ///
import asyncio
import inspect
import os
from typing import Any
from unittest.mock import MagicMock

from sqlalchemy import create_engine, select
from sqlalchemy.ext.asyncio import async_sessionmaker, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column

DATABASE_URL = os.environ.get("DATABASE_URL", "sqlite+aiosqlite:///greenlit.db")


class Base(DeclarativeBase):
    pass


class User(Base):
    __tablename__ = "users"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]


# --8<-- [start:table]
async def compare(session: Any, sync_session: Any) -> None:
    users = select(User)
    result = await session.scalars(users)
    print("You write | it says")
    #> You write | it says
    print("await session.add(user) |", await awaited(session.add(User(name="Grace"))))
    #> await session.add(user) | object NoneType can't be used in 'await' expression
    print("await result.first() |", await awaited(result.first()))
    #> await result.first() | object User can't be used in 'await' expression
    print("await sync_session.execute(...) |", await awaited(sync_session.execute(users)))
    #> await sync_session.execute(...) | object ChunkedIteratorResult can't be used in 'await' expression
    print("await sync_session.commit() |", await awaited(sync_session.commit()))
    #> await sync_session.commit() | object NoneType can't be used in 'await' expression
    print("await MagicMock().execute(...) |", await awaited(MagicMock().execute(users)))
    #> await MagicMock().execute(...) | object MagicMock can't be used in 'await' expression


# --8<-- [end:table]


# --8<-- [start:loops]
async def loops(session: Any) -> None:
    users = select(User)
    # async for user in await session.scalars(users):
    await loop_over(await session.scalars(users))
    # async for row in session.stream(users):
    await loop_over(session.stream(users))


async def loop_over(thing: Any) -> None:
    try:
        async for _ in thing:
            pass
    except TypeError as error:
        print(error)
        #> 'async for' requires an object with __aiter__ method, got ScalarResult
        #> 'async for' requires an object with __aiter__ method, got coroutine
    if inspect.iscoroutine(thing):
        thing.close()


# --8<-- [end:loops]


async def awaited(thing: Any) -> str:
    try:
        await thing
    except TypeError as error:
        return str(error)
    return "nothing"


async def main() -> None:
    engine = create_async_engine(DATABASE_URL)
    try:
        async with engine.begin() as connection:
            await connection.run_sync(Base.metadata.drop_all)
            await connection.run_sync(Base.metadata.create_all)
        session_factory = async_sessionmaker(engine)
        async with session_factory.begin() as session:
            session.add(User(name="Ada"))
        sync_engine = create_engine("sqlite://")
        Base.metadata.create_all(sync_engine)
        async with session_factory() as session:
            with Session(sync_engine) as sync_session:
                await compare(session, sync_session)
            await loops(session)
        sync_engine.dispose()
    finally:
        await engine.dispose()


if __name__ == "__main__":
    asyncio.run(main())
