# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0.38", "aiosqlite", "asyncpg", "psycopg[binary]"]
# ///
import asyncio
import os
import traceback
from collections.abc import Awaitable, Callable

from sqlalchemy.exc import InvalidRequestError
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

DATABASE_URL = os.environ.get("DATABASE_URL", "sqlite+aiosqlite:///greenlit.db")


class Base(DeclarativeBase):
    pass


class User(Base):
    __tablename__ = "users"

    id: Mapped[int] = mapped_column(primary_key=True)


async def closed(engine: AsyncEngine) -> AsyncSession:
    session = AsyncSession(engine, close_resets_only=False)
    await session.get(User, 1)
    await session.close()
    return session


async def what_it_says(action: Callable[[], Awaitable[object]]) -> str:
    try:
        await action()
    except InvalidRequestError as error:
        return str(error)
    return ""


async def claim_refused(engine: AsyncEngine) -> None:
    """`get()`, `begin()`, `commit()` and `add()` raise this error."""
    session = await closed(engine)

    async def add() -> None:
        session.add(User(id=2))

    async def begin() -> None:
        await session.begin()

    for action in (lambda: session.get(User, 1), begin, session.commit, add):
        assert "permanently closed" in await what_it_says(action)


async def claim_allowed(engine: AsyncEngine) -> None:
    """`close()`, `rollback()` and a second `async with session` raise nothing. The next `get()` does."""
    session = await closed(engine)
    await session.close()
    await session.rollback()
    async with session:
        assert "permanently closed" in await what_it_says(lambda: session.get(User, 1))


async def claim_helper(engine: AsyncEngine) -> None:
    """A helper that returns a session out of its own `async with` returns a closed one: the next `get()` raises this error."""

    async def get_session() -> AsyncSession:
        async with AsyncSession(engine, close_resets_only=False) as session:
            await session.get(User, 1)
            return session

    session = await get_session()
    assert "permanently closed" in await what_it_says(lambda: session.get(User, 1))


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
