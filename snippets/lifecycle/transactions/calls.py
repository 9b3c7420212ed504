# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0.22", "aiosqlite", "asyncpg", "psycopg[binary]"]
# ///
import asyncio
import os
from collections.abc import Awaitable, Callable

from sqlalchemy.exc import InvalidRequestError
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

DATABASE_URL = os.environ.get("DATABASE_URL", "sqlite+aiosqlite:///greenlit.db")


class Base(DeclarativeBase):
    pass


class Invoice(Base):
    __tablename__ = "invoices"

    id: Mapped[int] = mapped_column(primary_key=True)
    state: Mapped[str] = mapped_column(default="open")


async def begin(session: AsyncSession) -> None:
    await session.begin()


async def begin_nested(session: AsyncSession) -> None:
    await session.begin_nested()


async def commit(session: AsyncSession) -> None:
    await session.commit()


async def rollback(session: AsyncSession) -> None:
    await session.rollback()


async def close(session: AsyncSession) -> None:
    await session.close()


CALLS: list[Callable[[AsyncSession], Awaitable[None]]] = [
    begin,
    begin_nested,
    commit,
    rollback,
    close,
]


# --8<-- [start:ways]
async def in_new_session(
    factory: async_sessionmaker[AsyncSession], call: Callable[[AsyncSession], Awaitable[None]]
) -> None:
    async with factory() as session:
        await call(session)
        await session.get_one(Invoice, 1)


async def after_a_query(
    factory: async_sessionmaker[AsyncSession], call: Callable[[AsyncSession], Awaitable[None]]
) -> None:
    async with factory() as session:
        await session.get_one(Invoice, 1)
        await call(session)
        await session.get_one(Invoice, 1)


async def inside_begin(
    factory: async_sessionmaker[AsyncSession], call: Callable[[AsyncSession], Awaitable[None]]
) -> None:
    async with factory.begin() as session:
        await call(session)
        await session.get_one(Invoice, 1)


# --8<-- [end:ways]


# --8<-- [start:table]
async def compare(factory: async_sessionmaker[AsyncSession]) -> None:
    print("call, then a query | in a new session | after a query | inside `begin()`")
    #> call, then a query | in a new session | after a query | inside `begin()`
    for call in CALLS:
        cells = [f"`{call.__name__}()`"]
        for way in (in_new_session, after_a_query, inside_begin):
            try:
                await way(factory, call)
                cells.append("works")
            except InvalidRequestError:
                cells.append("refused")
        print(" | ".join(cells))
        #> `begin()` | works | refused | refused
        #> `begin_nested()` | works | works | works
        #> `commit()` | works | works | refused
        #> `rollback()` | works | works | refused
        #> `close()` | works | works | refused


# --8<-- [end:table]


async def main() -> None:
    engine = create_async_engine(DATABASE_URL)
    try:
        async with engine.begin() as connection:
            await connection.run_sync(Base.metadata.drop_all)
            await connection.run_sync(Base.metadata.create_all)
        session_factory = async_sessionmaker(engine)
        async with session_factory.begin() as session:
            session.add(Invoice(id=1))
        await compare(session_factory)
    finally:
        await engine.dispose()


if __name__ == "__main__":
    asyncio.run(main())
