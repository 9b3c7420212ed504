# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0.22", "aiosqlite", "asyncpg", "psycopg[binary]"]
# ///
import asyncio
import os
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import DateTime, ForeignKey, delete, event, func, select, text, update
from sqlalchemy.ext.asyncio import (
    AsyncEngine,
    AsyncSession,
    async_sessionmaker,
    create_async_engine,
)
from sqlalchemy.orm import (
    DeclarativeBase,
    Mapped,
    ORMExecuteState,
    Session,
    aliased,
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
    name: Mapped[str] = mapped_column(default="")
    notes: Mapped[list["Note"]] = relationship()


class Note(SoftDelete, Base):
    __tablename__ = "notes"

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"))


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


EVERYTHING = {"include_deleted": True}


def deleted(user: User | None) -> int:
    return 1 if user is not None and user.deleted_at is not None else 0


async def deleted_notes(session: AsyncSession, *options: Any) -> int:
    query = select(User).where(User.id == 1).options(*options)
    user = (await session.scalars(query)).unique().one()
    notes = await session.run_sync(lambda _: list(user.notes))
    return sum(note.deleted_at is not None for note in notes)


# One user of two is deleted, and one note of two. Each function returns how many deleted ones it got.


async def select_user(session: AsyncSession) -> int:
    return sum(map(deleted, await session.scalars(select(User))))


async def get(session: AsyncSession) -> int:
    return deleted(await session.get(User, 2))


async def count(session: AsyncSession) -> int:
    return (await session.scalar(select(func.count()).select_from(User)) or 0) - 1


async def join(session: AsyncSession) -> int:
    rows = await session.execute(select(Note.id).join(User).where(Note.id == 3))
    return len(rows.all())


async def subquery(session: AsyncSession) -> int:
    users = select(User.id).scalar_subquery()
    rows = await session.scalars(select(Note.id).where(Note.user_id.in_(users), Note.id == 3))
    return len(rows.all())


async def alias(session: AsyncSession) -> int:
    return len((await session.scalars(select(aliased(User).id))).all()) - 1


async def selectin_load(session: AsyncSession) -> int:
    return await deleted_notes(session, selectinload(User.notes))


async def joined_load(session: AsyncSession) -> int:
    return await deleted_notes(session, joinedload(User.notes))


async def lazy_load(session: AsyncSession) -> int:
    return await deleted_notes(session)


async def populate_existing(session: AsyncSession) -> int:
    await session.scalars(select(User), execution_options=EVERYTHING)
    users = await session.scalars(select(User), execution_options={"populate_existing": True})
    return sum(map(deleted, users))


async def get_held(session: AsyncSession) -> int:
    held = (await session.scalars(select(User), execution_options=EVERYTHING)).all()
    return deleted(await session.get(User, held[-1].id))


async def get_held_anew(session: AsyncSession) -> int:
    held = (await session.scalars(select(User), execution_options=EVERYTHING)).all()
    return deleted(await session.get(User, held[-1].id, populate_existing=True))


async def refresh(session: AsyncSession) -> int:
    user = await session.get_one(User, 2, execution_options=EVERYTHING)
    await session.refresh(user)
    return deleted(user)


async def collection_held(session: AsyncSession) -> int:
    query = select(User).options(selectinload(User.notes))
    held = (await session.scalars(query, execution_options=EVERYTHING)).all()
    return await deleted_notes(session, selectinload(User.notes)) if held else 0


async def added(session: AsyncSession) -> int:
    user = User(id=9)
    session.add(user)
    await session.flush()
    session.add(Note(id=9, user_id=9, deleted_at=datetime.now(UTC)))
    await session.flush()
    await session.refresh(user, ["notes"])
    return len(user.notes)


async def table(session: AsyncSession) -> int:
    return len((await session.execute(select(User.__table__.c.id))).all()) - 1


async def connection(session: AsyncSession) -> int:
    return len((await (await session.connection()).execute(select(User.id))).all()) - 1


async def as_text(session: AsyncSession) -> int:
    return (await session.scalar(text("SELECT count(*) FROM users")) or 0) - 1


async def from_statement(session: AsyncSession) -> int:
    users = await session.scalars(select(User).from_statement(text("SELECT * FROM users")))
    return sum(map(deleted, users))


async def updated(session: AsyncSession) -> int:
    await session.execute(update(User).values(name="changed"))
    changed = text("SELECT count(*) FROM users WHERE name = 'changed'")
    return (await session.scalar(changed) or 0) - 1


async def updated_by_key(session: AsyncSession) -> int:
    await session.execute(update(User), [{"id": 2, "name": "changed"}])
    changed = text("SELECT count(*) FROM users WHERE name = 'changed'")
    return await session.scalar(changed) or 0


async def removed(session: AsyncSession) -> int:
    await session.execute(delete(Note))
    return 1 - (await session.scalar(text("SELECT count(*) FROM notes")) or 0)


ROWS: dict[str, Callable[[AsyncSession], Awaitable[int]]] = {
    "`select(User)`": select_user,
    "`session.get(User, id)`, not loaded before": get,
    "`func.count()` with `select_from(User)`": count,
    "a join to `User`": join,
    "a subquery of `User`": subquery,
    "`aliased(User)`": alias,
    "`selectinload(User.notes)`": selectin_load,
    "`joinedload(User.notes)`": joined_load,
    "a lazy load of `user.notes` in `run_sync`": lazy_load,
    "`select(User)` with `populate_existing`, loaded before": populate_existing,
    "`session.get` with `populate_existing`, loaded before": get_held_anew,
    "`update(User)`": updated,
    "`delete(Note)`": removed,
    "`session.get(User, id)`, loaded before": get_held,
    "`session.refresh(user)`": refresh,
    "`selectinload(User.notes)`, loaded before": collection_held,
    "`refresh(user, [\"notes\"])` of a user that this session added": added,
    "`update(User)` with a list of dicts": updated_by_key,
    "`select(User.__table__.c.id)`": table,
    "`select(User.id)` through `session.connection()`": connection,
    "`text(\"SELECT …\")`": as_text,
    "`select(User).from_statement(text(…))`": from_statement,
}


async def row(engine: AsyncEngine, name: str) -> str:
    session_factory = async_sessionmaker(engine, sync_session_class=AppSession)
    async with engine.begin() as transaction:
        await transaction.run_sync(Base.metadata.drop_all)
        await transaction.run_sync(Base.metadata.create_all)
    now = datetime.now(UTC)
    async with session_factory.begin() as session:
        session.add(User(id=1, notes=[Note(id=1), Note(id=2, deleted_at=now)]))
        session.add(User(id=2, deleted_at=now, notes=[Note(id=3)]))
    async with session_factory() as session:
        found = await ROWS[name](session)
    return f"{name} | {'**leaks**' if found else 'hidden'}"


async def main() -> None:
    engine = create_async_engine(DATABASE_URL)
    try:
        # --8<-- [start:table]
        print("statement | the deleted rows")
        #> statement | the deleted rows
        for name in ROWS:
            print(await row(engine, name))
            #> `select(User)` | hidden
            #> `session.get(User, id)`, not loaded before | hidden
            #> `func.count()` with `select_from(User)` | hidden
            #> a join to `User` | hidden
            #> a subquery of `User` | hidden
            #> `aliased(User)` | hidden
            #> `selectinload(User.notes)` | hidden
            #> `joinedload(User.notes)` | hidden
            #> a lazy load of `user.notes` in `run_sync` | hidden
            #> `select(User)` with `populate_existing`, loaded before | hidden
            #> `session.get` with `populate_existing`, loaded before | hidden
            #> `update(User)` | hidden
            #> `delete(Note)` | hidden
            #> `session.get(User, id)`, loaded before | **leaks**
            #> `session.refresh(user)` | **leaks**
            #> `selectinload(User.notes)`, loaded before | **leaks**
            #> `refresh(user, ["notes"])` of a user that this session added | **leaks**
            #> `update(User)` with a list of dicts | **leaks**
            #> `select(User.__table__.c.id)` | **leaks**
            #> `select(User.id)` through `session.connection()` | **leaks**
            #> `text("SELECT …")` | **leaks**
            #> `select(User).from_statement(text(…))` | **leaks**
        # --8<-- [end:table]
    finally:
        async with engine.begin() as transaction:
            await transaction.run_sync(Base.metadata.drop_all)
        await engine.dispose()


if __name__ == "__main__":
    asyncio.run(main())
