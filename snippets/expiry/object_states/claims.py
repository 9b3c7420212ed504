# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0.38", "aiosqlite", "asyncpg", "psycopg[binary]"]
# ///
import asyncio
import gc
import os
import traceback
import warnings
from collections.abc import Awaitable, Callable

from sqlalchemy import inspect, select, text
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, make_transient_to_detached, mapped_column

DATABASE_URL = os.environ.get("DATABASE_URL", "sqlite+aiosqlite:///greenlit.db")
# On SQLAlchemy 2.1 a read that fails on aiosqlite leaves a coroutine behind.
warnings.filterwarnings("ignore", "coroutine .* was never awaited")


class Base(DeclarativeBase):
    pass


class User(Base):
    __tablename__ = "users"

    id: Mapped[int] = mapped_column(primary_key=True)
    nickname: Mapped[str | None]
    notes: Mapped[str | None] = mapped_column(deferred=True)


async def claim_deleted_until_the_session_is_collected(engine: AsyncEngine) -> None:
    """With `expire_on_commit=False` a deleted object stays `deleted` after commit and close. Here it was `detached` after the session was garbage-collected."""
    session = AsyncSession(engine, expire_on_commit=False)
    user = User()
    session.add(user)
    await session.commit()
    await session.delete(user)
    await session.commit()
    await session.close()
    assert inspect(user).deleted
    del session
    gc.collect()
    assert inspect(user).detached


async def claim_unset_column(engine: AsyncEngine) -> None:
    """A column that you never set is `None` after the flush, without SQL, if it is nullable, has no default, and is not deferred. A deferred one raises."""
    async with AsyncSession(engine) as session:
        user = User()
        session.add(user)
        await session.flush()
        assert user.nickname is None
        error = None
        try:
            _ = user.notes
        except SQLAlchemyError as raised:
            error = raised
        assert error is not None


async def claim_autoflush(engine: AsyncEngine) -> None:
    """A `select()` of a class flushes first, and so does a commit. With `autoflush=False` the commit still does, and the `select()` does not."""
    async with AsyncSession(engine) as session:
        session.add(User())
        await session.execute(select(User))
        assert not session.new
    async with AsyncSession(engine, autoflush=False) as session:
        session.add(User())
        await session.execute(select(User))
        assert len(session.new) == 1
        await session.commit()
        assert not session.new


async def claim_core_statements_flush(engine: AsyncEngine) -> None:
    """A `text()` statement and a `select()` of a `Table` flush first, too."""
    for statement in (text("SELECT 1"), select(User.__table__)):
        async with AsyncSession(engine) as session:
            session.add(User())
            await session.execute(statement)
            assert not session.new, "the new object was not flushed"


async def claim_set_before_make_detached(engine: AsyncEngine) -> None:
    """What you set before `make_transient_to_detached` counts as stored: no `UPDATE` writes it."""
    async with AsyncSession(engine) as session, session.begin():
        session.add(User(id=1, nickname="Ada"))
    user = User(id=1, nickname="Grace")
    make_transient_to_detached(user)
    async with AsyncSession(engine) as session, session.begin():
        session.add(user)
    async with AsyncSession(engine) as session:
        assert await session.scalar(select(User.nickname)) == "Ada"


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
