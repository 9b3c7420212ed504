# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0.22", "aiosqlite", "asyncpg", "psycopg[binary]"]
# ///
import asyncio
import os
import warnings
from collections.abc import Awaitable, Callable

from sqlalchemy import delete
from sqlalchemy.exc import InvalidRequestError, SQLAlchemyError
from sqlalchemy.ext.asyncio import (
    AsyncEngine,
    AsyncSession,
    async_sessionmaker,
    create_async_engine,
)
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

DATABASE_URL = os.environ.get("DATABASE_URL", "sqlite+aiosqlite:///greenlit.db")


class Base(DeclarativeBase):
    pass


class Job(Base):
    __tablename__ = "jobs"

    id: Mapped[int] = mapped_column(primary_key=True)
    status: Mapped[str]


def short(error: SQLAlchemyError) -> str:
    """Of a class with many meanings the text, without the object's address."""
    text = str(error).partition(" '<")[0]
    return text if type(error) is InvalidRequestError else type(error).__name__


# --8<-- [start:ways]
async def change(session: AsyncSession, job: Job) -> None:
    job.status = "done"
    await session.commit()


async def refresh(session: AsyncSession, job: Job) -> None:
    await session.refresh(job)


async def remove(session: AsyncSession, job: Job) -> None:
    await session.delete(job)
    await session.commit()


async def read(session: AsyncSession, job: Job) -> None:
    await session.run_sync(lambda _: job.status)


async def get_one(session: AsyncSession, job: Job) -> None:
    await session.get_one(Job, 1)


# --8<-- [end:ways]


# --8<-- [start:table]
async def compare(engine: AsyncEngine) -> None:
    print("The row is gone, and you | the object was expired | it was not")
    #> The row is gone, and you | the object was expired | it was not
    for what, way in [
        ("change it and commit", change),
        ("refresh it", refresh),
        ("delete it and commit", remove),
        ("read it in run_sync", read),
        ("ask for it with get_one", get_one),
    ]:
        cells = [await outcome(engine, way, expire) for expire in (True, False)]
        print(" | ".join([what, *cells]))
        #> change it and commit | ObjectDeletedError | StaleDataError
        #> refresh it | Could not refresh instance | Could not refresh instance
        #> delete it and commit | ObjectDeletedError | SAWarning
        #> read it in run_sync | ObjectDeletedError | no error
        #> ask for it with get_one | NoResultFound | no error


# --8<-- [end:table]


async def outcome(
    engine: AsyncEngine, way: Callable[[AsyncSession, Job], Awaitable[None]], expire: bool
) -> str:
    session_factory = async_sessionmaker(engine, expire_on_commit=expire)
    async with session_factory.begin() as session:
        session.add(Job(id=1, status="new"))
    async with session_factory() as session, session_factory() as other:
        job = await session.get_one(Job, 1)
        await session.commit()
        await other.execute(delete(Job))
        await other.commit()
        try:
            with warnings.catch_warnings(record=True) as caught:
                warnings.simplefilter("always")
                await way(session, job)
        except SQLAlchemyError as error:
            return short(error)
        return caught[0].category.__name__ if caught else "no error"


async def main() -> None:
    engine = create_async_engine(DATABASE_URL)
    try:
        async with engine.begin() as connection:
            await connection.run_sync(Base.metadata.drop_all)
            await connection.run_sync(Base.metadata.create_all)
        await compare(engine)
    finally:
        await engine.dispose()


if __name__ == "__main__":
    asyncio.run(main())
