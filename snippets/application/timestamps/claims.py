# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0.38", "aiosqlite", "asyncpg", "psycopg[binary]", "httpx"]
# ///
import asyncio
import os
import traceback
from collections.abc import Awaitable, Callable
from contextvars import ContextVar
from datetime import UTC, datetime
from typing import Any

import httpx
from sqlalchemy import DateTime, event, func, insert, select, text, update
from sqlalchemy.exc import StatementError
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column

DATABASE_URL = os.environ.get("DATABASE_URL", "sqlite+aiosqlite:///greenlit.db")
LONG_AGO = datetime(2000, 1, 1, tzinfo=UTC)
user: ContextVar[str] = ContextVar("user")


class Base(DeclarativeBase):
    type_annotation_map = {datetime: DateTime(timezone=True)}


class Entry(Base):
    __tablename__ = "stamped_entries"

    id: Mapped[int] = mapped_column(primary_key=True)
    note: Mapped[str] = mapped_column(default="new")
    at: Mapped[datetime | None] = mapped_column(server_default=func.now())
    at_default: Mapped[datetime | None] = mapped_column(default=func.now())
    changed_at: Mapped[datetime | None] = mapped_column(server_onupdate=func.now())
    by: Mapped[str | None] = mapped_column(default=lambda: user.get("nobody"), onupdate=lambda: user.get("nobody"))


class Signed(Base):
    __tablename__ = "stamped_signed"

    id: Mapped[int] = mapped_column(primary_key=True)
    by: Mapped[str] = mapped_column(default=lambda: user.get())


async def row(engine: AsyncEngine) -> Any:
    async with engine.connect() as connection:
        return (await connection.execute(select(Entry.__table__))).one()


async def claim_text_insert(engine: AsyncEngine) -> None:
    """An `INSERT` with `text()` gets the value of `server_default=func.now()`. It gets none from `default=func.now()`."""
    async with engine.begin() as connection:
        await connection.execute(text("INSERT INTO stamped_entries (id, note) VALUES (1, 'new')"))
    stored = await row(engine)
    assert stored.at is not None
    assert stored.at_default is None


async def claim_core_insert(engine: AsyncEngine) -> None:
    """`insert(Entry)` without a session fills both."""
    async with engine.begin() as connection:
        await connection.execute(insert(Entry).values(id=1))
    stored = await row(engine)
    assert stored.at is not None
    assert stored.at_default is not None


async def claim_server_onupdate(engine: AsyncEngine) -> None:
    """`server_onupdate=func.now()` without a trigger stores nothing: the column is `NULL` after an `UPDATE`."""
    async with AsyncSession(engine, expire_on_commit=False) as session:
        entry = Entry(id=1)
        session.add(entry)
        await session.commit()
        entry.note = "changed"
        await session.commit()
    stored = await row(engine)
    assert stored.note == "changed"
    assert stored.changed_at is None


async def claim_explicit_none(engine: AsyncEngine) -> None:
    """When a new object is flushed, an explicit `None` counts as no value: `server_default` and `default` fill these columns."""
    async with AsyncSession(engine) as session:
        session.add(Entry(id=1, at=None, at_default=None))
        await session.commit()
    stored = await row(engine)
    assert stored.at is not None
    assert stored.at_default is not None


async def claim_later_commit(engine: AsyncEngine) -> None:
    """A row can become visible after another one with a later `func.now()`. A query for "newer than the last that I saw" misses it."""
    async with AsyncSession(engine) as slow, AsyncSession(engine) as fast, AsyncSession(engine) as reader:
        await slow.execute(select(1))
        fast.add(Entry(id=2))
        await fast.commit()
        seen = (await reader.execute(select(Entry.id, Entry.at))).one()
        await reader.commit()
        slow.add(Entry(id=1))
        await slow.commit()
        stored = (await reader.execute(select(Entry.id, Entry.at).order_by(Entry.id))).all()
        assert [entry.id for entry in stored] == [1, 2]
        assert stored[0].at < seen.at, "its time is that of its own statement"
        newer = await reader.scalars(select(Entry.id).where(Entry.at > seen.at))
        assert newer.all() == []


async def claim_no_user(engine: AsyncEngine) -> None:
    """If the `ContextVar` has no value and no default, the flush raises SQLAlchemy's `StatementError` around the `LookupError`."""
    async with AsyncSession(engine) as session:
        session.add(Signed(id=1))
        error = None
        try:
            await session.flush()
        except StatementError as raised:
            error = raised
        assert error is not None
        assert isinstance(error.orig, LookupError)


async def claim_same_context(engine: AsyncEngine) -> None:
    """With `httpx.ASGITransport`, all requests of a test run in the context of the test: a request that sets no user has that of the request before it."""
    seen = []

    async def app(scope: Any, receive: Any, send: Any) -> None:
        seen.append(user.get("nobody"))
        user.set("ada")
        await send({"type": "http.response.start", "status": 204, "headers": []})
        await send({"type": "http.response.body"})

    async def two_requests() -> None:
        async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://test") as client:
            await client.get("/")
            await client.get("/")

    await asyncio.create_task(two_requests())
    assert seen == ["nobody", "ada"]


async def claim_update_statement(engine: AsyncEngine) -> None:
    """A function in `onupdate` also runs for `update()`, and can read a `ContextVar` there."""
    async with AsyncSession(engine) as session:
        session.add(Entry(id=1))
        await session.commit()
        assert (await row(engine)).by == "nobody"
        token = user.set("ada")
        await session.execute(update(Entry).values(note="changed"))
        await session.commit()
        user.reset(token)
    assert (await row(engine)).by == "ada"


async def claim_before_flush(engine: AsyncEngine) -> None:
    """A `before_flush` listener that sets the column is not called for an `update()` statement: the column keeps the previous user."""

    class Audited(Session):
        pass

    calls = []

    @event.listens_for(Audited, "before_flush")
    def stamp(session: Session, context: Any, instances: Any) -> None:
        calls.append(session.info["user"])
        for entry in [*session.new, *session.dirty]:
            entry.by = session.info["user"]

    async with AsyncSession(engine, sync_session_class=Audited, info={"user": "ada"}) as session:
        session.add(Entry(id=1))
        await session.commit()
    assert calls == ["ada"]
    async with AsyncSession(engine, sync_session_class=Audited, info={"user": "grace"}) as session:
        await session.execute(update(Entry).values(by=Entry.by, note="changed"))
        await session.commit()
    stored = await row(engine)
    assert stored.note == "changed"
    assert stored.by == "ada"
    assert calls == ["ada"]


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
