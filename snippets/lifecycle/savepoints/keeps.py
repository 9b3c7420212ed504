# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0", "aiosqlite", "asyncpg", "psycopg[binary]"]
# ///
import asyncio
import os
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Any

from sqlalchemy import Connection, delete, event, select
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, async_sessionmaker, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

DATABASE_URL = os.environ.get("DATABASE_URL", "sqlite+aiosqlite:///greenlit.db")


class Base(DeclarativeBase):
    pass


class Item(Base):
    __tablename__ = "items"

    name: Mapped[str] = mapped_column(primary_key=True)


class OutOfStock(Exception):
    pass


# --8<-- [start:ways]
async def all_goes_well(session: AsyncSession) -> None:
    async with session.begin():
        session.add(Item(name="before"))
        async with session.begin_nested():
            session.add(Item(name="inside"))
        session.add(Item(name="after"))


async def caught_outside_the_savepoint(session: AsyncSession) -> None:
    async with session.begin():
        session.add(Item(name="before"))
        with suppress(OutOfStock):
            async with session.begin_nested():
                session.add(Item(name="inside"))
                raise OutOfStock
        session.add(Item(name="after"))


async def caught_inside_the_savepoint(session: AsyncSession) -> None:
    async with session.begin():
        session.add(Item(name="before"))
        async with session.begin_nested():
            with suppress(OutOfStock):
                session.add(Item(name="inside"))
                raise OutOfStock
        session.add(Item(name="after"))


async def caught_outside_both(session: AsyncSession) -> None:
    with suppress(OutOfStock):
        async with session.begin():
            session.add(Item(name="before"))
            async with session.begin_nested():
                session.add(Item(name="inside"))
                raise OutOfStock


async def outer_fails_later(session: AsyncSession) -> None:
    with suppress(OutOfStock):
        async with session.begin():
            async with session.begin_nested():
                session.add(Item(name="inside"))
            raise OutOfStock


# --8<-- [end:ways]


WAYS: list[Callable[[AsyncSession], Awaitable[None]]] = [
    all_goes_well,
    caught_outside_the_savepoint,
    caught_inside_the_savepoint,
    caught_outside_both,
    outer_fails_later,
]


# --8<-- [start:table]
async def compare(session_factory: async_sessionmaker[AsyncSession]) -> None:
    print("The exception | what is stored")
    #> The exception | what is stored
    for way in WAYS:
        async with session_factory() as session:
            await way(session)
        async with session_factory.begin() as session:
            names = set(await session.scalars(select(Item.name)))
            stored = [name for name in ("before", "inside", "after") if name in names]
            print(f"{way.__name__.replace('_', ' ')} | {', '.join(stored) or 'nothing'}")
            #> all goes well | before, inside, after
            #> caught outside the savepoint | before, after
            #> caught inside the savepoint | before, inside, after
            #> caught outside both | nothing
            #> outer fails later | nothing
            await session.execute(delete(Item))


# --8<-- [end:table]


def begin_like_postgresql(engine: AsyncEngine) -> None:
    """sqlite3 sends no BEGIN before a SAVEPOINT, so a released one is committed."""

    @event.listens_for(engine.sync_engine, "connect")
    def leave_begin_to_us(connection: Any, record: object) -> None:
        connection.isolation_level = None

    @event.listens_for(engine.sync_engine, "begin")
    def begin(connection: Connection) -> None:
        connection.exec_driver_sql("BEGIN")


async def main() -> None:
    engine = create_async_engine(DATABASE_URL)
    if engine.dialect.name == "sqlite":
        begin_like_postgresql(engine)
    try:
        async with engine.begin() as connection:
            await connection.run_sync(Base.metadata.drop_all)
            await connection.run_sync(Base.metadata.create_all)
        session_factory = async_sessionmaker(engine)
        await compare(session_factory)
    finally:
        await engine.dispose()


if __name__ == "__main__":
    asyncio.run(main())
