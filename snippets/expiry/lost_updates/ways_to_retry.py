# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0.22", "aiosqlite", "asyncpg", "psycopg[binary]"]
# ///
import asyncio
import os
from collections.abc import Awaitable, Callable
from contextlib import suppress

from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column
from sqlalchemy.orm.exc import StaleDataError

DATABASE_URL = os.environ.get("DATABASE_URL", "sqlite+aiosqlite:///greenlit.db")


class Base(DeclarativeBase):
    pass


class Document(Base):
    __tablename__ = "documents"

    id: Mapped[int] = mapped_column(primary_key=True)
    text: Mapped[str]
    version: Mapped[int] = mapped_column()

    __mapper_args__ = {"version_id_col": version}


async def somebody_else_edits(session_factory: async_sessionmaker[AsyncSession]) -> None:
    async with session_factory.begin() as session:
        document = await session.get_one(Document, 1)
        document.text += ", reviewed"


Factory = async_sessionmaker[AsyncSession]


async def edit(session: AsyncSession) -> None:
    document = await session.get_one(Document, 1)
    document.text += ", published"
    await session.flush()


async def edit_too_late(session: AsyncSession, factory: Factory) -> None:
    document = await session.get_one(Document, 1)
    await somebody_else_edits(factory)
    document.text += ", published"
    await session.flush()


# --8<-- [start:ways]
async def without_rollback(factory: Factory) -> None:
    async with factory() as session:
        with suppress(StaleDataError):
            await edit_too_late(session, factory)
        await edit(session)


async def with_rollback(factory: Factory) -> None:
    async with factory() as session:
        with suppress(StaleDataError):
            await edit_too_late(session, factory)
        await session.rollback()
        await edit(session)


async def inside_begin(factory: Factory) -> None:
    async with factory.begin() as session:
        with suppress(StaleDataError):
            await edit_too_late(session, factory)
        await edit(session)


async def rollback_inside_begin(factory: Factory) -> None:
    async with factory.begin() as session:
        with suppress(StaleDataError):
            await edit_too_late(session, factory)
        await session.rollback()
        await edit(session)


async def savepoint_inside_begin(factory: Factory) -> None:
    async with factory.begin() as session:
        document = await session.get_one(Document, 1)
        await somebody_else_edits(factory)
        with suppress(StaleDataError):
            async with session.begin_nested():
                document.text += ", published"
        await edit(session)


async def new_begin(factory: Factory) -> None:
    with suppress(StaleDataError):
        async with factory.begin() as session:
            await edit_too_late(session, factory)
    async with factory.begin() as session:
        await edit(session)


# --8<-- [end:ways]


WAYS: list[Callable[[Factory], Awaitable[None]]] = [
    without_rollback,
    with_rollback,
    inside_begin,
    rollback_inside_begin,
    savepoint_inside_begin,
    new_begin,
]


# --8<-- [start:table]
async def compare(factory: Factory) -> None:
    print("How you retry | the second attempt")
    #> How you retry | the second attempt
    for way in WAYS:
        try:
            await way(factory)
            outcome = "works"
        except SQLAlchemyError as error:
            outcome = type(error).__name__
        print(f"{way.__name__} | {outcome}")
        #> without_rollback | PendingRollbackError
        #> with_rollback | works
        #> inside_begin | InvalidRequestError
        #> rollback_inside_begin | InvalidRequestError
        #> savepoint_inside_begin | works
        #> new_begin | works


# --8<-- [end:table]


async def main() -> None:
    engine = create_async_engine(DATABASE_URL)
    try:
        async with engine.begin() as connection:
            await connection.run_sync(Base.metadata.drop_all)
            await connection.run_sync(Base.metadata.create_all)
        session_factory = async_sessionmaker(engine)
        async with session_factory.begin() as session:
            session.add(Document(id=1, text="draft"))
        await compare(session_factory)
    finally:
        await engine.dispose()


if __name__ == "__main__":
    asyncio.run(main())
