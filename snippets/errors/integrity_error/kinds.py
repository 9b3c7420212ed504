# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0", "aiosqlite", "asyncpg", "psycopg[binary]"]
# ///
import asyncio
import os

from sqlalchemy import CheckConstraint, ForeignKey, delete, event, insert
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncEngine, async_sessionmaker, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

DATABASE_URL = os.environ.get("DATABASE_URL", "sqlite+aiosqlite:///greenlit.db")


class Base(DeclarativeBase):
    pass


class User(Base):
    __tablename__ = "users"

    id: Mapped[int] = mapped_column(primary_key=True)
    email: Mapped[str | None] = mapped_column(unique=True, nullable=False)
    age: Mapped[int] = mapped_column(CheckConstraint("age >= 0"), default=36)
    invited_by: Mapped[int | None] = mapped_column(ForeignKey("users.id", ondelete="RESTRICT"))


# --8<-- [start:kind]
KINDS = {
    "23505": "unique",
    "23503": "foreign key",
    "23001": "foreign key",  # ON DELETE RESTRICT, since PostgreSQL 18.
    "23502": "not null",
    "23514": "check",
    "SQLITE_CONSTRAINT_UNIQUE": "unique",
    "SQLITE_CONSTRAINT_PRIMARYKEY": "unique",
    "SQLITE_CONSTRAINT_FOREIGNKEY": "foreign key",
    "SQLITE_CONSTRAINT_TRIGGER": "foreign key",  # ON DELETE RESTRICT, and what a trigger raises.
    "SQLITE_CONSTRAINT_NOTNULL": "not null",
    "SQLITE_CONSTRAINT_CHECK": "check",
}


def kind(error: IntegrityError) -> str:
    of_postgresql = getattr(error.orig, "sqlstate", None)
    of_sqlite = getattr(error.orig, "sqlite_errorname", None)
    return KINDS.get(of_postgresql or of_sqlite or "", "another")


# --8<-- [end:kind]


# --8<-- [start:table]
async def compare(engine: AsyncEngine) -> None:
    session_factory = async_sessionmaker(engine)
    async with session_factory.begin() as session:
        session.add(User(id=1, email="ada@example.org"))
        await session.flush()
        session.add(User(id=2, email="charles@example.org", invited_by=1))
    new = insert(User)
    wrong = {
        "the same address again": new.values(id=3, email="ada@example.org"),
        "the same `id` again": new.values(id=1, email="grace@example.org"),
        "invited by nobody known": new.values(id=3, email="grace@example.org", invited_by=99),
        "deleted, and invited another": delete(User).where(User.id == 1),
        "no address": new.values(id=3, email=None),
        "a negative age": new.values(id=3, email="grace@example.org", age=-1),
    }
    print("row | `kind(error)`")
    #> row | `kind(error)`
    for row, statement in wrong.items():
        try:
            async with session_factory.begin() as session:
                await session.execute(statement)
        except IntegrityError as error:
            print(f"{row} | {kind(error)}")
            #> the same address again | unique
            #> the same `id` again | unique
            #> invited by nobody known | foreign key
            #> deleted, and invited another | foreign key
            #> no address | not null
            #> a negative age | check


# --8<-- [end:table]


async def main() -> None:
    engine = create_async_engine(DATABASE_URL)
    if engine.dialect.name == "sqlite":
        event.listen(
            engine.sync_engine, "connect", lambda c, _: c.execute("PRAGMA foreign_keys = ON")
        )
    try:
        async with engine.begin() as connection:
            await connection.run_sync(Base.metadata.drop_all)
            await connection.run_sync(Base.metadata.create_all)
        await compare(engine)
        async with engine.begin() as connection:  # SQLite does not drop a table whose rows are referred to.
            await connection.execute(delete(User).where(User.invited_by.is_not(None)))
    finally:
        await engine.dispose()


if __name__ == "__main__":
    asyncio.run(main())
