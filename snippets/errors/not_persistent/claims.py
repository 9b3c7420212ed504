# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0.38", "aiosqlite", "asyncpg", "psycopg[binary]"]
# ///
import asyncio
import os
import traceback
from collections.abc import Awaitable, Callable

from sqlalchemy import inspect
from sqlalchemy.exc import InvalidRequestError
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

DATABASE_URL = os.environ.get("DATABASE_URL", "sqlite+aiosqlite:///greenlit.db")


class Base(DeclarativeBase):
    pass


class User(Base):
    __tablename__ = "users"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]


async def claim_after_a_rollback(engine: AsyncEngine) -> None:
    """A rollback makes an object whose INSERT it has undone transient again, and `refresh()` says the same of it."""
    async with AsyncSession(engine) as session:
        user = User(name="Ada")
        session.add(user)
        await session.flush()
        await session.rollback()
        error = None
        try:
            await session.refresh(user)
        except InvalidRequestError as raised:
            error = raised
        assert "is not persistent within this Session" in str(error)
        assert inspect(user).transient


async def claim_merge(engine: AsyncEngine) -> None:
    """`merge()` of another session's object returns a copy that belongs to this session, and only the copy can be refreshed there."""
    async with AsyncSession(engine) as other, AsyncSession(engine) as session:
        other.add(user := User(id=1, name="Ada"))
        await other.commit()
        await other.refresh(user)
        copy = await session.merge(user)
        await session.refresh(copy)
        assert copy.name == "Ada"
        error = None
        try:
            await session.refresh(user)
        except InvalidRequestError as raised:
            error = raised
        assert "is not persistent within this Session" in str(error)


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
