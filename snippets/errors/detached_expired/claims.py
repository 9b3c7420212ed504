# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0.38", "aiosqlite", "asyncpg", "psycopg[binary]"]
# ///
import asyncio
import os
import traceback
from collections.abc import Awaitable, Callable
from datetime import datetime

from sqlalchemy import func
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, async_sessionmaker, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column
from sqlalchemy.orm.exc import DetachedInstanceError

DATABASE_URL = os.environ.get("DATABASE_URL", "sqlite+aiosqlite:///greenlit.db")


class Base(DeclarativeBase):
    pass


class User(Base):
    __tablename__ = "users"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())


async def claim_refresh(engine: AsyncEngine) -> None:
    """After `commit()` and `refresh()`, the name and a column with a server default can be read when the session is closed."""
    async with AsyncSession(engine) as session:
        user = User(name="Ada")
        session.add(user)
        await session.commit()
        await session.refresh(user)
    assert user.name == "Ada"
    assert isinstance(user.created_at, datetime)


async def claim_frame(engine: AsyncEngine) -> None:
    """If your code reads an expired column when the session is closed, the traceback has the frame `_load_expired`."""
    async with AsyncSession(engine) as session:
        user = User(name="Ada")
        session.add(user)
        await session.commit()
    error = None
    try:
        _ = user.name
    except DetachedInstanceError as raised:
        error = raised
    assert error is not None
    assert "_load_expired" in [frame.name for frame in traceback.extract_tb(error.__traceback__)]


async def claim_begin(engine: AsyncEngine) -> None:
    """`async with session_factory.begin()` commits at its end, without a `commit()` to find: the object is expired and detached."""
    async with async_sessionmaker(engine).begin() as session:
        user = User(name="Ada")
        session.add(user)
    error = None
    try:
        _ = user.name
    except DetachedInstanceError as raised:
        error = raised
    assert "attribute refresh operation cannot proceed" in str(error)


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

