# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0.22", "aiosqlite", "asyncpg", "psycopg[binary]"]
# ///
# silent: the deleted note is among the notes
import asyncio
import os
from datetime import UTC, datetime

from sqlalchemy import DateTime, ForeignKey, select
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker, create_async_engine
from sqlalchemy.orm import (
    DeclarativeBase,
    Mapped,
    Session,
    mapped_column,
    relationship,
    selectinload,
)

DATABASE_URL = os.environ.get("DATABASE_URL", "sqlite+aiosqlite:///greenlit.db")


class Base(DeclarativeBase):
    pass


# --8<-- [start:models]
class SoftDelete:
    deleted_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))


class User(SoftDelete, Base):
    __tablename__ = "users"

    id: Mapped[int] = mapped_column(primary_key=True)
    notes: Mapped[list["Note"]] = relationship()


class Note(SoftDelete, Base):
    __tablename__ = "notes"

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"))


# --8<-- [end:models]


class AppSession(Session):
    pass


# --8<-- [start:read]
async def note_ids(session: AsyncSession, user_id: int) -> list[int]:
    query = select(User).where(User.id == user_id, User.deleted_at.is_(None))
    query = query.options(selectinload(User.notes))
    user = (await session.scalars(query)).one()
    return sorted(note.id for note in user.notes)


# --8<-- [end:read]


async def main() -> None:
    engine = create_async_engine(DATABASE_URL)
    try:
        async with engine.begin() as connection:
            await connection.run_sync(Base.metadata.drop_all)
            await connection.run_sync(Base.metadata.create_all)
        # --8<-- [start:factory]
        session_factory = async_sessionmaker(
            engine, sync_session_class=AppSession, expire_on_commit=False
        )
        # --8<-- [end:factory]
        async with session_factory.begin() as session:
            # --8<-- [start:rows]
            deleted = Note(id=2, deleted_at=datetime.now(UTC))
            session.add(User(id=1, notes=[Note(id=1), deleted]))
            # --8<-- [end:rows]
        # --8<-- [start:call]
        async with session_factory() as session:
            print("notes:", await note_ids(session, 1))
            #> notes: [1, 2]
        # --8<-- [end:call]
    finally:
        async with engine.begin() as connection:
            await connection.run_sync(Base.metadata.drop_all)
        await engine.dispose()


if __name__ == "__main__":
    asyncio.run(main())
