# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0.38", "alembic", "aiosqlite", "asyncpg", "psycopg[binary]"]
# ///
import asyncio
import os
import tempfile
import traceback
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import (
    CheckConstraint,
    Column,
    Connection,
    Integer,
    MetaData,
    String,
    Table,
    Text,
    insert,
    inspect,
    text,
)
from sqlalchemy.exc import DataError, DBAPIError, IntegrityError
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column
from sqlalchemy.types import TypeEngine

DATABASE_URL = os.environ.get("DATABASE_URL", "sqlite+aiosqlite:///greenlit.db")


class Base(DeclarativeBase):
    pass


class Bookmark(Base):
    __tablename__ = "bookmarks"
    __table_args__ = (CheckConstraint("length(note) <= 5", name="short_note"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    url: Mapped[str | None] = mapped_column(String(5))
    note: Mapped[str | None]


async def error_of(engine: AsyncEngine, **values: object) -> DBAPIError | None:
    async with engine.begin() as connection:
        try:
            await connection.execute(insert(Bookmark).values(id=1, **values))
        except DBAPIError as error:
            return error
    return None


async def claim_sqlite(engine: AsyncEngine) -> None:
    """A `String(5)` column stores a text of 8 characters, and nothing is raised."""
    error = await error_of(engine, url="abcdefgh")
    assert error is None, "value too long for type character varying(5)"


async def claim_data_error(engine: AsyncEngine) -> None:
    """`except DataError` catches the error."""
    error = await error_of(engine, url="abcdefgh")
    assert error is not None, "it is no error"
    assert isinstance(error, DataError), f"it is a {type(error).__name__}"


async def claim_sqlstate(engine: AsyncEngine) -> None:
    """`error.orig.sqlstate` is `22001`, and `error` is a `DBAPIError`."""
    error = await error_of(engine, url="abcdefgh")
    assert error is not None, "it is no error"
    assert getattr(error.orig, "sqlstate", None) == "22001"


async def claim_characters(engine: AsyncEngine) -> None:
    """The limit counts characters: five times \N{LATIN SMALL LETTER E WITH ACUTE} fits into `String(5)`, and takes ten bytes."""
    assert await error_of(engine, url="\N{LATIN SMALL LETTER E WITH ACUTE}" * 5) is None
    async with engine.connect() as connection:
        assert await connection.scalar(text("SELECT octet_length(url) FROM bookmarks")) == 10


async def claim_spaces(engine: AsyncEngine) -> None:
    """Spaces at the end that do not fit are cut off, and nothing is raised."""
    assert await error_of(engine, url="abcde   ") is None
    async with engine.connect() as connection:
        stored = await connection.scalar(text("SELECT url FROM bookmarks"))
        assert stored == "abcde", "they are stored"


async def claim_cast(engine: AsyncEngine) -> None:
    """`CAST('abcdefgh' AS VARCHAR(5))` cuts the value off, and nothing is raised."""
    async with engine.connect() as connection:
        value = await connection.scalar(text("SELECT CAST('abcdefgh' AS VARCHAR(5))"))
        assert value == "abcde", f"it is {value}"


async def claim_model_ahead(engine: AsyncEngine) -> None:
    """When the model changes to `String(50)`, `create_all()` leaves the column as it was: a longer value still fails."""
    changed = MetaData()
    table = Table("bookmarks", changed, Column("id"), Column("url", String(50)))
    error: str | None = None
    async with engine.begin() as connection:
        await connection.run_sync(changed.create_all)
        try:
            await connection.execute(insert(table).values(id=1, url="abcdefgh"))
        except DBAPIError as raised:
            error = str(raised.orig)
    assert error is not None, "the value is stored"
    assert "character varying(5)" in error


def changes(connection: Connection, url: TypeEngine[Any]) -> list[str]:
    """What autogenerate would do if the model had this type."""
    models = MetaData()
    columns = Column("id", Integer, primary_key=True), Column("url", url), Column("note", String)
    Table("bookmarks", models, *columns)
    found = compare_metadata(MigrationContext.configure(connection), models)
    return [one[0][0] for one in found if isinstance(one, list)]


async def claim_autogenerate(engine: AsyncEngine) -> None:
    """Autogenerate finds `Text` or another length in the model. It does not find a `String` without a length, which a bare `Mapped[str]` is."""
    async with engine.connect() as connection:
        assert await connection.run_sync(changes, Text()) == ["modify_type"]
        assert await connection.run_sync(changes, String(50)) == ["modify_type"]
        assert await connection.run_sync(changes, String()) == []


async def claim_values_lost(engine: AsyncEngine) -> None:
    """After an UPDATE has failed, the object has lost its values: `inspect(row).dict` has no column. After an INSERT has failed, it still has them."""
    async with AsyncSession(engine) as session:
        session.add(Bookmark(id=1, url="abc"))
        await session.commit()
        row = await session.get_one(Bookmark, 1)
        row.url = "abcdefgh"
        refused = await commit_fails(session)
        assert refused, "it is no error"
        assert "url" not in inspect(row).dict
    async with AsyncSession(engine) as session:
        new = Bookmark(id=2, url="abcdefgh")
        session.add(new)
        await commit_fails(session)
        assert inspect(new).dict.get("url") == "abcdefgh"


async def commit_fails(session: AsyncSession) -> bool:
    try:
        await session.commit()
    except DBAPIError:
        return True
    return False


async def claim_check(engine: AsyncEngine) -> None:
    """`CheckConstraint("length(note) <= 5")` refuses a longer value with an `IntegrityError`."""
    error = await error_of(engine, note="abcdefgh")
    assert isinstance(error, IntegrityError)


def stamp(connection: Connection, revision: str) -> None:
    with tempfile.TemporaryDirectory() as folder:
        versions = Path(folder) / "versions"
        versions.mkdir()
        (versions / "one.py").write_text(f'revision = "{revision}"\ndown_revision = None\n')
        MigrationContext.configure(connection).stamp(ScriptDirectory(folder), revision)


async def claim_revision(engine: AsyncEngine) -> None:
    """Alembic cannot record a revision id of 33 characters: `value too long for type character varying(32)`."""
    error = ""
    async with engine.connect() as connection:
        try:
            await connection.run_sync(stamp, "r" * 33)
        except DBAPIError as raised:
            error = str(raised.orig)
    assert "value too long for type character varying(32)" in error, "it is recorded"


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
