# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0.22", "aiosqlite", "asyncpg", "psycopg[binary]"]
# ///
import asyncio
import os
import traceback
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime

from sqlalchemy import DateTime, ForeignKey, event, select, text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import (
    AsyncEngine,
    AsyncSession,
    create_async_engine,
)
from sqlalchemy.orm import (
    DeclarativeBase,
    Mapped,
    ORMExecuteState,
    Session,
    joinedload,
    mapped_column,
    relationship,
    selectinload,
    with_loader_criteria,
)

DATABASE_URL = os.environ.get("DATABASE_URL", "sqlite+aiosqlite:///greenlit.db")


class Base(DeclarativeBase):
    pass


class SoftDelete:
    deleted_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))


class User(SoftDelete, Base):
    __tablename__ = "users"

    id: Mapped[int] = mapped_column(primary_key=True)
    notes: Mapped[list["Note"]] = relationship(back_populates="user")


class Note(SoftDelete, Base):
    __tablename__ = "notes"

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    user: Mapped[User | None] = relationship(back_populates="notes")


class AppSession(Session):
    pass


@event.listens_for(AppSession, "do_orm_execute")
def hide_deleted(state: ORMExecuteState) -> None:
    if state.is_column_load or state.is_relationship_load:
        return
    if not state.execution_options.get("include_deleted", False):
        not_deleted = with_loader_criteria(
            SoftDelete, lambda cls: cls.deleted_at.is_(None), include_aliases=True
        )
        state.statement = state.statement.options(not_deleted)


async def stored(engine: AsyncEngine) -> None:
    """One user of two is deleted, and one note of three."""
    now = datetime.now(UTC)
    async with AsyncSession(engine) as session:
        session.add(User(id=1, notes=[Note(id=1), Note(id=2, deleted_at=now)]))
        session.add(User(id=2, deleted_at=now, notes=[Note(id=3)]))
        await session.commit()


def opened(engine: AsyncEngine) -> AsyncSession:
    return AsyncSession(engine, sync_session_class=AppSession)


async def claim_any(engine: AsyncEngine) -> None:
    """`User.notes.any()` and `exists()` in a `where()` do not find deleted notes."""
    await stored(engine)
    query = select(User.id).where(User.id == 1)
    async with opened(engine) as session:
        assert (await session.scalars(query.where(User.notes.any(Note.id == 1)))).all() == [1]
        found = (await session.scalars(query.where(User.notes.any(Note.id == 2)))).all()
        assert found == [], "they find them"
        there = select(Note.id).where(Note.user_id == User.id, Note.id == 2).exists()
        assert (await session.scalars(query.where(there))).all() == []


async def claim_opt_out(engine: AsyncEngine) -> None:
    """With `execution_options={"include_deleted": True}`, a query and its `selectinload` return deleted rows."""
    await stored(engine)
    query = select(User).options(selectinload(User.notes)).order_by(User.id)
    async with opened(engine) as session:
        users = await session.scalars(query, execution_options={"include_deleted": True})
        assert [len(user.notes) for user in users] == [2, 1]
        session.expunge_all()
        assert [len(user.notes) for user in await session.scalars(query)] == [1]


async def claim_parent(engine: AsyncEngine) -> None:
    """`selectinload(Note.user)` gives `None` if the user is deleted. With `joinedload(Note.user, innerjoin=True)`, the
    note is missing, too."""
    await stored(engine)
    query = select(Note).where(Note.id == 3)
    async with opened(engine) as session:
        note = (await session.scalars(query.options(selectinload(Note.user)))).one()
        assert note.user is None
        session.expunge_all()
        joined = query.options(joinedload(Note.user, innerjoin=True))
        assert (await session.scalars(joined)).all() == []


async def claim_child(engine: AsyncEngine) -> None:
    """The foreign key accepts a new note of a deleted user, and the notes of a deleted user are not deleted."""
    await stored(engine)
    async with opened(engine) as session:
        assert (await session.scalars(select(Note.id).where(Note.user_id == 2))).all() == [3]
        session.add(Note(id=4, user_id=2))
        await session.flush()
        query = select(Note.id).where(Note.user_id == 2).order_by(Note.id)
        assert (await session.scalars(query)).all() == [3, 4]


async def claim_merge(engine: AsyncEngine) -> None:
    """`merge()` does not find a deleted row that the session does not hold. It adds a new object, and the flush raises
    `IntegrityError`."""
    await stored(engine)
    error = None
    async with opened(engine) as session:
        await session.merge(User(id=2))
        try:
            await session.flush()
        except IntegrityError as raised:
            error = raised
        assert error is not None


async def claim_session_delete(engine: AsyncEngine) -> None:
    """`session.delete()` still sends a `DELETE`: the row is gone."""
    await stored(engine)
    async with opened(engine) as session:
        await session.delete(await session.get_one(Note, 1))
        await session.flush()
        assert await session.scalar(text("SELECT count(*) FROM notes")) == 2


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
