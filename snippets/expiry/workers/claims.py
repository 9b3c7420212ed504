# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0.38", "aiosqlite", "asyncpg", "psycopg[binary]"]
# ///
import asyncio
import os
import traceback
import warnings
from collections.abc import Awaitable, Callable

from sqlalchemy import select
from sqlalchemy.exc import NoResultFound, SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

DATABASE_URL = os.environ.get("DATABASE_URL", "sqlite+aiosqlite:///greenlit.db")
# On SQLAlchemy 2.1 a read that fails on aiosqlite leaves a coroutine behind.
warnings.filterwarnings("ignore", "coroutine .* was never awaited")


class Base(DeclarativeBase):
    pass


class Job(Base):
    __tablename__ = "jobs"

    id: Mapped[int] = mapped_column(primary_key=True)
    state: Mapped[str] = mapped_column(default="queued")


async def error_of_the_loop(engine: AsyncEngine, items: int) -> SQLAlchemyError | None:
    async with AsyncSession(engine) as session:
        session.add_all(Job() for _ in range(items))
        await session.commit()
        try:
            for job in await session.scalars(select(Job)):
                job.state = f"{job.state}, done"
                await session.commit()
        except SQLAlchemyError as error:
            return error
    return None


async def claim_two_items(engine: AsyncEngine) -> None:
    """With the default setting, a loop that reads, changes and commits each item passes a test with one item, and raises with two."""
    assert await error_of_the_loop(engine, items=1) is None
    async with engine.begin() as connection:
        await connection.run_sync(Base.metadata.drop_all)
        await connection.run_sync(Base.metadata.create_all)
    assert await error_of_the_loop(engine, items=2) is not None


async def claim_deleted_meanwhile(engine: AsyncEngine) -> None:
    """In a new session, for an id that has no row, `get()` returns `None`, and `get_one()` raises `NoResultFound`."""
    async with AsyncSession(engine) as session:
        error = None
        try:
            await session.get_one(Job, 1)
        except NoResultFound as raised:
            error = raised
        assert error is not None
        assert await session.get(Job, 1) is None


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
