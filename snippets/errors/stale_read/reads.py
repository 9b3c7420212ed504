# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0.22", "aiosqlite", "asyncpg", "psycopg[binary]"]
# ///
import asyncio
import os
from collections.abc import Awaitable, Callable

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

DATABASE_URL = os.environ.get("DATABASE_URL", "sqlite+aiosqlite:///greenlit.db")


class Base(DeclarativeBase):
    pass


class Job(Base):
    __tablename__ = "jobs"

    id: Mapped[int] = mapped_column(primary_key=True)
    title: Mapped[str]
    state: Mapped[str] = mapped_column(default="queued")


# --8<-- [start:reads]
async def get(session: AsyncSession) -> str:
    return (await session.get_one(Job, 1)).state


async def select_object(session: AsyncSession) -> str:
    return (await session.scalars(select(Job))).one().state


async def get_locked(session: AsyncSession) -> str:
    return (await session.get_one(Job, 1, with_for_update=True)).state


async def select_locked(session: AsyncSession) -> str:
    return (await session.scalars(select(Job).with_for_update())).one().state


async def get_locked_and_fresh(session: AsyncSession) -> str:
    job = await session.get_one(Job, 1, with_for_update=True, populate_existing=True)
    return job.state


async def select_column(session: AsyncSession) -> str:
    return (await session.scalars(select(Job.state))).one()


async def populate_existing(session: AsyncSession) -> str:
    query = select(Job).execution_options(populate_existing=True)
    return (await session.scalars(query)).one().state


async def refresh(session: AsyncSession) -> str:
    job = await session.get_one(Job, 1)
    await session.refresh(job)
    return job.state


async def expire_all(session: AsyncSession) -> str:
    session.expire_all()
    return (await session.scalars(select(Job))).one().state


async def new_session(session: AsyncSession) -> str:
    async with AsyncSession(session.bind) as fresh:
        return (await fresh.get_one(Job, 1)).state


# --8<-- [end:reads]


READS: dict[str, Callable[[AsyncSession], Awaitable[str]]] = {
    "session.get": get,
    "select(Job)": select_object,
    "session.get, with_for_update": get_locked,
    "session.get, with_for_update, populate_existing": get_locked_and_fresh,
    "select(Job).with_for_update()": select_locked,
    "select(Job.state)": select_column,
    "select(Job), populate_existing": populate_existing,
    "session.refresh": refresh,
    "expire_all, then select(Job)": expire_all,
    "a new session": new_session,
}


# --8<-- [start:table]
async def compare(session_factory: async_sessionmaker[AsyncSession]) -> None:
    print("How you read again | nothing committed | after commit | after commit, keeping")
    #> How you read again | nothing committed | after commit | after commit, keeping
    for title, read in READS.items():
        uncommitted = await read_twice(session_factory(), read, commit=False)
        committed = await read_twice(session_factory(), read, commit=True)
        keeping = await read_twice(session_factory(expire_on_commit=False), read, commit=True)
        print(f"{title} | {uncommitted} | {committed} | {keeping}")
        #> session.get | queued | cancelled | queued
        #> select(Job) | queued | cancelled | queued
        #> session.get, with_for_update | queued | cancelled | queued
        #> session.get, with_for_update, populate_existing | cancelled | cancelled | cancelled
        #> select(Job).with_for_update() | queued | cancelled | queued
        #> select(Job.state) | cancelled | cancelled | cancelled
        #> select(Job), populate_existing | cancelled | cancelled | cancelled
        #> session.refresh | cancelled | cancelled | cancelled
        #> expire_all, then select(Job) | cancelled | cancelled | cancelled
        #> a new session | cancelled | cancelled | cancelled


# --8<-- [end:table]


async def read_twice(
    session: AsyncSession, read: Callable[[AsyncSession], Awaitable[str]], commit: bool
) -> str:
    other = async_sessionmaker(session.bind)
    async with other.begin() as admin:
        await admin.execute(update(Job).values(state="queued"))
    async with session:
        # The session forgets an object that nobody holds.
        job = (await session.scalars(select(Job))).one()
        if commit:
            await session.commit()
        async with other.begin() as admin:
            await admin.execute(update(Job).values(state="cancelled"))
        seen = await read(session)
        assert job in session
    return seen


async def main() -> None:
    engine = create_async_engine(DATABASE_URL)
    try:
        async with engine.begin() as connection:
            await connection.run_sync(Base.metadata.drop_all)
            await connection.run_sync(Base.metadata.create_all)
        session_factory = async_sessionmaker(engine)
        async with session_factory.begin() as session:
            session.add(Job(title="resize"))
        await compare(session_factory)
    finally:
        await engine.dispose()


if __name__ == "__main__":
    asyncio.run(main())
