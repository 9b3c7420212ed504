# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0.38", "alembic", "aiosqlite", "asyncpg", "psycopg[binary]"]
# ///
import asyncio
import os
import traceback
from collections.abc import Awaitable, Callable
from typing import Any

from alembic.migration import MigrationContext
from alembic.operations import Operations
from sqlalchemy import Column, String, delete, insert, inspect, text
from sqlalchemy.exc import DBAPIError, NoSuchTableError
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

DATABASE_URL = os.environ.get("DATABASE_URL", "sqlite+aiosqlite:///greenlit.db")


class Base(DeclarativeBase):
    pass


class Person(Base):
    __tablename__ = "people"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]
    first_name: Mapped[str | None] = mapped_column("firstName")


async def error_of(engine: AsyncEngine, sql: str) -> str:
    async with engine.connect() as connection:
        try:
            await connection.execute(text(sql))
        except DBAPIError as error:
            return str(error)
    return ""


async def claim_quotes(engine: AsyncEngine) -> None:
    """`text('SELECT name FROM people WHERE name = "Ada"')` fails: double quotes make a column's name of it."""
    error = await error_of(engine, 'SELECT name FROM people WHERE name = "Ada"')
    assert 'column "Ada" does not exist' in error, "it is taken as a string"


async def claim_upper_case(engine: AsyncEngine) -> None:
    """The column is `firstName`, and `SELECT firstName FROM people` in `text()` does not find it. `SELECT "firstName"` does."""
    assert await error_of(engine, 'SELECT "firstName" FROM people') == ""
    error = await error_of(engine, "SELECT firstName FROM people")
    assert 'column "firstname" does not exist' in error, "it finds it"


async def claim_alias(engine: AsyncEngine) -> None:
    """`SELECT upper(name) AS big FROM people WHERE big = 'ADA'` fails: `WHERE` does not know `big`."""
    error = await error_of(engine, "SELECT upper(name) AS big FROM people WHERE big = 'ADA'")
    assert 'column "big" does not exist' in error, "it knows it"


async def claim_attribute(engine: AsyncEngine) -> None:
    """With `first_name = mapped_column("firstName")`, SQL needs the column's name: `SELECT first_name FROM people` fails."""
    error = await error_of(engine, "SELECT first_name FROM people")
    assert "first_name" in error


async def add_column(engine: AsyncEngine, column: Column[Any], rows: int) -> str:
    """What a migration says that adds a column to a table with so many rows."""
    async with engine.connect() as connection:
        await connection.execute(delete(Person))
        for number in range(rows):
            await connection.execute(insert(Person).values(id=number, name="Ada"))
        try:
            await connection.run_sync(lambda c: Operations(MigrationContext.configure(c)).add_column("people", column))
        except DBAPIError as error:
            return str(error.orig)
    return ""


async def claim_not_null(engine: AsyncEngine) -> None:
    """`add_column()` with `nullable=False` works on an empty table, as in CI, and fails as soon as the table has a row. `default=` does not help."""
    options: list[dict[str, Any]] = [{}, {"default": "x"}]
    for given in options:
        assert await add_column(engine, Column("city", String, nullable=False, **given), rows=0) == ""
        error = await add_column(engine, Column("city", String, nullable=False, **given), rows=1)
        assert "NOT NULL column" in error or "contains null values" in error


async def claim_server_default(engine: AsyncEngine) -> None:
    """With `server_default="x"` it works: the rows that exist get this value."""
    assert await add_column(engine, Column("city", String, nullable=False, server_default="x"), rows=1) == ""


async def claim_no_table(engine: AsyncEngine) -> None:
    """For a table that is not there, the inspector's `get_columns()` raises `NoSuchTableError`."""
    error = None
    async with engine.connect() as connection:
        try:
            await connection.run_sync(lambda connection: inspect(connection).get_columns("absent"))
        except NoSuchTableError as raised:
            error = raised
    assert str(error) == "absent"


async def claim_hint(engine: AsyncEngine) -> None:
    """For `SELECT name_ FROM people`, the text of the error has a hint, and it names `people.name`."""
    error = await error_of(engine, "SELECT name_ FROM people")
    assert "people.name" in error, "there is no hint in the text"


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
