# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0.38", "aiosqlite", "asyncpg", "psycopg[binary]"]
# ///
import asyncio
import os
import traceback
from collections.abc import Awaitable, Callable

from sqlalchemy import delete
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncAttrs, AsyncEngine, AsyncSession, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column
from sqlalchemy.orm.exc import ObjectDeletedError, StaleDataError

DATABASE_URL = os.environ.get("DATABASE_URL", "sqlite+aiosqlite:///greenlit.db")


class Base(AsyncAttrs, DeclarativeBase):
    pass


class Job(Base):
    __tablename__ = "jobs"

    id: Mapped[int] = mapped_column(primary_key=True)
    status: Mapped[str]


async def one_that_is_gone(engine: AsyncEngine, session: AsyncSession) -> Job:
    """The session has two jobs, and the row of one is deleted elsewhere."""
    session.add_all([Job(id=1, status="new"), Job(id=2, status="new")])
    await session.commit()
    job = await session.get_one(Job, 1)
    await session.get_one(Job, 2)
    await session.commit()
    async with AsyncSession(engine) as other:
        await other.execute(delete(Job).where(Job.id == 1))
        await other.commit()
    return job


async def claim_get_with_kept_objects(engine: AsyncEngine) -> None:
    """With `expire_on_commit=False`, `get()` returns the object that your code still holds. With `populate_existing=True` it asks the database: `None`."""
    async with AsyncSession(engine, expire_on_commit=False) as session:
        job = await one_that_is_gone(engine, session)
        assert await session.get(Job, 1) is job
        assert await session.get(Job, 1, populate_existing=True) is None


async def claim_awaitable_attrs(engine: AsyncEngine) -> None:
    """`await job.awaitable_attrs.status` raises `ObjectDeletedError` too."""
    async with AsyncSession(engine) as session:
        job = await one_that_is_gone(engine, session)
        error = None
        try:
            await job.awaitable_attrs.status
        except ObjectDeletedError as raised:
            error = raised
        assert error is not None


async def claim_two_in_one_flush(engine: AsyncEngine) -> None:
    """One flush changes two objects, and the row of one is gone: `StaleDataError`, not a change that is lost in silence."""
    async with AsyncSession(engine, expire_on_commit=False) as session:
        gone = await one_that_is_gone(engine, session)
        other = await session.get_one(Job, 2)
        gone.status = other.status = "done"
        error = None
        try:
            await session.commit()
        except SQLAlchemyError as raised:
            error = raised
        assert isinstance(error, StaleDataError), "the commit raises nothing"


async def claim_after_a_rollback(engine: AsyncEngine) -> None:
    """The rollback of a transaction expires objects even with `expire_on_commit=False`: if you then change one, the commit raises `ObjectDeletedError`."""
    async with AsyncSession(engine, expire_on_commit=False) as session:
        job = await one_that_is_gone(engine, session)
        await session.get(Job, 2, populate_existing=True)
        await session.rollback()
        job.status = "done"
        error = None
        try:
            await session.commit()
        except SQLAlchemyError as raised:
            error = raised
        assert isinstance(error, ObjectDeletedError)


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
