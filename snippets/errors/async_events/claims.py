# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0.38", "aiosqlite", "asyncpg", "psycopg[binary]"]
# ///
import asyncio
import os
import traceback
import warnings
from collections.abc import Awaitable, Callable
from typing import Any

from sqlalchemy import event, text
from sqlalchemy.exc import InvalidRequestError
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column

DATABASE_URL = os.environ.get("DATABASE_URL", "sqlite+aiosqlite:///greenlit.db")


class Base(DeclarativeBase):
    pass


class User(Base):
    __tablename__ = "users"

    id: Mapped[int] = mapped_column(primary_key=True)


class OwnSession(Session):
    pass


async def claim_every_session(engine: AsyncEngine) -> None:
    """A listener on SQLAlchemy's own `Session` also hears a session of your class. A listener on your class does not hear a session of SQLAlchemy's own."""
    heard: list[str] = []

    def all_of_them(session: Session, transaction: Any, connection: Any) -> None:
        heard.append("Session")

    def own(session: Session, transaction: Any, connection: Any) -> None:
        heard.append("OwnSession")

    event.listen(AsyncSession.sync_session_class, "after_begin", all_of_them)
    event.listen(OwnSession, "after_begin", own)
    async with AsyncSession(engine) as session:
        await session.execute(text("SELECT 1"))
    assert heard == ["Session"]
    heard.clear()
    async with AsyncSession(engine, sync_session_class=OwnSession) as session:
        await session.execute(text("SELECT 1"))
    assert sorted(heard) == ["OwnSession", "Session"]
    event.remove(AsyncSession.sync_session_class, "after_begin", all_of_them)
    event.remove(OwnSession, "after_begin", own)


async def claim_async_def(engine: AsyncEngine) -> None:
    """An `async def` listener, here for `checkout`, is registered without an error, and its body does not run: `coroutine '…' was never awaited`."""
    ran = []

    async def checked_out(*_: Any) -> None:
        ran.append(True)

    event.listen(engine.sync_engine, "checkout", checked_out)
    with warnings.catch_warnings(record=True) as warned:
        warnings.simplefilter("always")
        async with engine.connect() as connection:
            await connection.execute(text("SELECT 1"))
    assert ran == []
    assert "was never awaited" in str([warning.message for warning in warned])


async def claim_misspelt(engine: AsyncEngine) -> None:
    """A misspelt name raises `No such event` when the listener is registered."""
    error = None
    try:
        event.listen(engine.sync_engine, "connected", print)
    except InvalidRequestError as raised:
        error = raised
    assert "No such event 'connected'" in str(error)


async def claim_event_of_a_mapped_class(engine: AsyncEngine) -> None:
    """`before_insert` on a session class is accepted without an error and is not called: it is an event of mapped classes."""
    heard = []
    event.listen(OwnSession, "before_insert", lambda *_: heard.append("session"))
    event.listen(User, "before_insert", lambda *_: heard.append("User"))
    async with AsyncSession(engine, sync_session_class=OwnSession) as session:
        session.add(User(id=1))
        await session.commit()
    assert heard == ["User"]


async def claim_another_engine(engine: AsyncEngine) -> None:
    """A listener on one engine hears nothing of a second engine with the same URL."""
    heard = []
    event.listen(engine.sync_engine, "checkout", lambda *_: heard.append("checkout"))
    second = create_async_engine(DATABASE_URL)
    async with second.connect() as connection:
        await connection.execute(text("SELECT 1"))
    await second.dispose()
    assert heard == []
    async with engine.connect() as connection:
        await connection.execute(text("SELECT 1"))
    assert heard == ["checkout"]


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
