# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0.38", "aiosqlite", "asyncpg", "psycopg[binary]"]
# ///
import asyncio
import os
import traceback
from collections.abc import Awaitable, Callable
from typing import Any

from sqlalchemy import CursorResult, delete, insert, select, text, update
from sqlalchemy.exc import ResourceClosedError
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

DATABASE_URL = os.environ.get("DATABASE_URL", "sqlite+aiosqlite:///greenlit.db")


class Base(DeclarativeBase):
    pass


class User(Base):
    __tablename__ = "users"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]


def refusal(method: Callable[[], Any]) -> str:
    try:
        method()
    except ResourceClosedError as error:
        return str(error)
    return ""


async def claim_other_statements(engine: AsyncEngine) -> None:
    """An INSERT (with `insert()` or `text()`), a DELETE and a `CREATE TABLE` have no rows either."""
    async with AsyncSession(engine) as session:
        for statement in (
            insert(User).values(id=1, name="Ada"),
            text("INSERT INTO users (id, name) VALUES (2, 'Grace')"),
            delete(User),
            text("CREATE TEMPORARY TABLE others (id INTEGER)"),
        ):
            result = await session.execute(statement)
            assert "does not return rows" in refusal(result.all)


async def claim_scalar_too(engine: AsyncEngine) -> None:
    """With a DELETE, `session.scalar()` and `session.scalars()` raise the error themselves."""
    async with AsyncSession(engine) as session:
        for read in (session.scalar, session.scalars):
            error = None
            try:
                await read(delete(User))
            except ResourceClosedError as raised:
                error = raised
            assert "does not return rows" in str(error), read.__name__


async def claim_rowcount_of_insert(engine: AsyncEngine) -> None:
    """`rowcount` of `session.execute(insert(User).values(name="Ada"))` is 1."""
    async with AsyncSession(engine) as session:
        result = await session.execute(insert(User).values(name="Ada"))
        assert isinstance(result, CursorResult)
        assert result.rowcount == 1, f"it is {result.rowcount}"


async def claim_no_rowcount(engine: AsyncEngine) -> None:
    """The result of `session.execute()` with `update(User)` has no `rowcount` if the UPDATE has `returning()` or a list of parameters."""
    async with AsyncSession(engine) as session:
        session.add_all([User(id=1, name="Ada"), User(id=2, name="Grace")])
        await session.flush()
        returned = await session.execute(update(User).values(name="Joan").returning(User.id))
        assert len(returned.all()) == 2
        assert not hasattr(returned, "rowcount")
        listed = await session.execute(update(User), [{"id": 1, "name": "Ada"}, {"id": 2, "name": "Grace"}])
        assert not hasattr(listed, "rowcount")


async def claim_text_returning(engine: AsyncEngine) -> None:
    """An INSERT in `text()` with `RETURNING` gives rows too."""
    async with AsyncSession(engine) as session:
        result = await session.execute(text("INSERT INTO users (name) VALUES ('Ada') RETURNING name"))
        assert result.scalar_one() == "Ada"


async def claim_none_matched(engine: AsyncEngine) -> None:
    """If no row matches, `all()` of a DELETE with `returning()` gives an empty list, and `rowcount` of a DELETE without it is 0."""
    async with AsyncSession(engine) as session:
        assert (await session.execute(delete(User).returning(User.id))).all() == []
        result = await session.execute(delete(User))
        assert isinstance(result, CursorResult)
        assert result.rowcount == 0


async def claim_read_twice(engine: AsyncEngine) -> None:
    """`first()`, `one()` and `one_or_none()` close a result. After `all()`, a second `all()` gives an empty list."""
    async with AsyncSession(engine) as session:
        session.add(User(id=1, name="Ada"))
        await session.flush()
        for name in ("first", "one", "one_or_none"):
            result = await session.execute(select(User))
            assert getattr(result, name)() is not None
            assert "This result object is closed" in refusal(result.all), name
        result = await session.execute(select(User))
        assert len(result.all()) == 1
        assert result.all() == []


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
