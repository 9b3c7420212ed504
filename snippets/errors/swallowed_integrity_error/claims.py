# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0.38", "aiosqlite", "asyncpg", "psycopg[binary]"]
# ///
import asyncio
import os
import traceback
from collections.abc import Awaitable, Callable
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import IntegrityError, PendingRollbackError
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

DATABASE_URL = os.environ.get("DATABASE_URL", "sqlite+aiosqlite:///greenlit.db")


INSERT: dict[str, Any] = {"sqlite": sqlite.insert, "postgresql": postgresql.insert}


class Base(DeclarativeBase):
    pass


class Subscriber(Base):
    __tablename__ = "subscribers"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(unique=True)


async def names(engine: AsyncEngine) -> list[str]:
    async with AsyncSession(engine) as session:
        return list(await session.scalars(select(Subscriber.name).order_by(Subscriber.name)))


async def claim_added_before_the_savepoint(engine: AsyncEngine) -> None:
    """`begin_nested()` first flushes what you have added. If that fails, outside any other savepoint, the whole transaction is undone."""
    async with AsyncSession(engine) as session:
        session.add(Subscriber(name="ada"))
        await session.flush()
        session.add(Subscriber(name="ada"))
        errors: list[Exception] = []
        for call in (session.begin_nested, session.commit):
            try:
                await call()
            except (IntegrityError, PendingRollbackError) as raised:
                errors.append(raised)
        assert [type(error) for error in errors] == [IntegrityError, PendingRollbackError]
    assert await names(engine) == []


async def claim_commit_for_each(engine: AsyncEngine) -> None:
    """A loop that commits each row, and rolls back the one that fails, loses only that one."""
    async with AsyncSession(engine) as session:
        for name in ("ada", "ada", "grace"):
            session.add(Subscriber(name=name))
            try:
                await session.commit()
            except IntegrityError:
                await session.rollback()
    assert await names(engine) == ["ada", "grace"]


async def claim_on_conflict(engine: AsyncEngine) -> None:
    """`on_conflict_do_nothing()` skips a duplicate. A NULL in a `NOT NULL` column is still an `IntegrityError`."""
    insert, error = INSERT[engine.dialect.name], None
    async with AsyncSession(engine) as session:
        for name in ("ada", "ada"):
            await session.execute(insert(Subscriber).values(name=name).on_conflict_do_nothing())
        assert await session.scalar(select(func.count(Subscriber.id))) == 1
        try:
            await session.execute(insert(Subscriber).values(name=None).on_conflict_do_nothing())
        except IntegrityError as raised:
            error = raised
        assert error is not None


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
