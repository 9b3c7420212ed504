# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0.38", "aiosqlite", "asyncpg", "psycopg[binary]"]
# ///
import asyncio
import os
import traceback
from collections.abc import Awaitable, Callable

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column
from sqlalchemy.pool import QueuePool

DATABASE_URL = os.environ.get("DATABASE_URL", "sqlite+aiosqlite:///greenlit.db")


class Base(DeclarativeBase):
    pass


class User(Base):
    __tablename__ = "users"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]


def checked_out(engine: AsyncEngine) -> int:
    assert isinstance(engine.pool, QueuePool)
    return engine.pool.checkedout()


async def claim_reopened(engine: AsyncEngine) -> None:
    """A closed session (`QueuePool`) that runs a statement again checks out a connection. `commit()`, `rollback()` and `close()` each return it."""
    session = AsyncSession(engine)
    for end in (session.commit, session.rollback, session.close):
        await session.close()
        await session.execute(text("SELECT 1"))
        assert checked_out(engine) == 1
        await end()
        assert checked_out(engine) == 0


async def claim_add_twice(engine: AsyncEngine) -> None:
    """`session.add` of a detached object works again after the other object for the same row was garbage-collected: here, as soon as no variable holds it."""
    async with AsyncSession(engine, expire_on_commit=False) as session:
        detached = User(id=1, name="Ada")
        session.add(detached)
        await session.commit()
    async with AsyncSession(engine) as session:
        current = await session.get_one(User, 1)
        assert current is not detached
        del current
        session.add(detached)
        assert detached in session


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
