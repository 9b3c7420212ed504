# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0.38", "aiosqlite", "asyncpg", "psycopg[binary]"]
# ///
import asyncio
import os
import traceback
from collections.abc import Awaitable, Callable

from sqlalchemy import ForeignKey, event, func, insert, select, text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

DATABASE_URL = os.environ.get("DATABASE_URL", "sqlite+aiosqlite:///greenlit.db")


class Base(DeclarativeBase):
    pass


class User(Base):
    __tablename__ = "users"

    id: Mapped[int] = mapped_column(primary_key=True)


class Visit(Base):
    __tablename__ = "visits"

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"))


VISITS = Base.metadata.tables["visits"]


async def check_foreign_keys(engine: AsyncEngine) -> None:
    if engine.dialect.name == "sqlite":
        await engine.dispose()
        event.listen(engine.sync_engine, "connect", lambda c, _: c.execute("PRAGMA foreign_keys = ON"))


async def claim_core_insert_flushes(engine: AsyncEngine) -> None:
    """With autoflush on, `session.execute(insert(table))` flushes the parent that you have added, so its foreign key finds a row."""
    await check_foreign_keys(engine)
    async with AsyncSession(engine) as session:
        session.add(User(id=1))
        await session.execute(insert(VISITS).values(id=1, user_id=1))
        await session.commit()
        assert await session.scalar(select(func.count(Visit.id))) == 1


async def claim_orm_insert_flushes(engine: AsyncEngine) -> None:
    """With autoflush on, `session.execute(insert(Visit))`, with the mapped class, flushes it too."""
    await check_foreign_keys(engine)
    async with AsyncSession(engine) as session:
        session.add(User(id=1))
        await session.execute(insert(Visit).values(id=1, user_id=1))
        await session.commit()
        assert await session.scalar(select(func.count(Visit.id))) == 1


async def claim_connection_before_the_flush(engine: AsyncEngine) -> None:
    """A statement of `await session.connection()` does not flush: it breaks the foreign key to a parent that was only added."""
    await check_foreign_keys(engine)
    error = None
    async with AsyncSession(engine) as session:
        session.add(User(id=1))
        connection = await session.connection()
        try:
            await connection.execute(insert(VISITS).values(id=1, user_id=1))
        except IntegrityError as raised:
            error = raised
    assert error is not None and "foreign key" in str(error).lower()


async def claim_flush_first(engine: AsyncEngine) -> None:
    """After `await session.flush()`, `session.execute(insert(table))` and a statement of `session.connection()` find the parent."""
    await check_foreign_keys(engine)
    async with AsyncSession(engine) as session:
        session.add(User(id=1))
        await session.flush()
        await session.execute(insert(VISITS).values(id=1, user_id=1))
        connection = await session.connection()
        await connection.execute(insert(VISITS).values(id=2, user_id=1))
        assert await session.scalar(select(func.count(Visit.id))) == 2


async def claim_sqlite_pragma(engine: AsyncEngine) -> None:
    """Without `PRAGMA foreign_keys = ON`, SQLite stores a row whose foreign key points to nothing."""
    async with AsyncSession(engine) as session:
        session.add(Visit(id=1, user_id=99))
        await session.commit()
        assert await session.scalar(select(Visit.user_id)) == 99


async def code_of_delete(engine: AsyncEngine, rule: str) -> str:
    """For a row that another one refers to; nothing of it is committed."""
    async with engine.connect() as connection:
        await connection.execute(text("CREATE TABLE parents (id integer PRIMARY KEY)"))
        await connection.execute(text(f"CREATE TABLE children (parent integer REFERENCES parents {rule})"))
        await connection.execute(text("INSERT INTO parents VALUES (1)"))
        await connection.execute(text("INSERT INTO children VALUES (1)"))
        try:
            await connection.execute(text("DELETE FROM parents"))
        except IntegrityError as error:
            return str(getattr(error.orig, "sqlstate", ""))
    return "deleted"


async def claim_restrict(engine: AsyncEngine) -> None:
    """On PostgreSQL 18, `IntegrityError` for the delete of a row that others refer to has the code `23001` if their foreign key
    says `RESTRICT`, and `23503` if it says nothing."""
    assert engine.dialect.name == "postgresql", "SQLite has no such codes"
    assert await code_of_delete(engine, "ON DELETE RESTRICT") == "23001"
    assert await code_of_delete(engine, "") == "23503"


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
