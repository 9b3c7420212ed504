# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0.38", "alembic", "aiosqlite", "asyncpg", "psycopg[binary]"]
# ///
import asyncio
import json
import os
import traceback
from collections.abc import Awaitable, Callable
from typing import Any

from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.operations import Operations
from sqlalchemy import Column, Integer, MetaData, Table, insert, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column
from sqlalchemy.types import JSON

DATABASE_URL = os.environ.get("DATABASE_URL", "sqlite+aiosqlite:///greenlit.db")


class Base(DeclarativeBase):
    pass


class Parcel(Base):
    __tablename__ = "parcels"

    id: Mapped[int] = mapped_column(primary_key=True)
    document: Mapped[dict[str, int] | None] = mapped_column(JSON().with_variant(JSONB(), "postgresql"))
    paid: Mapped[bool | None]


async def error_of(engine: AsyncEngine, sql: str, value: object = "{}") -> str:
    async with engine.connect() as connection:
        try:
            await connection.execute(text(sql), {"value": value})
        except DBAPIError as error:
            return str(error.orig)
    return ""


async def claim_text(engine: AsyncEngine) -> None:
    """A `str` as a bare parameter in `text()` is accepted: `INSERT INTO parcels (document) VALUES (:value)`."""
    error = await error_of(engine, "INSERT INTO parcels (id, document) VALUES (1, :value)")
    assert error == ""


async def claim_cast(engine: AsyncEngine) -> None:
    """`VALUES (CAST(:value AS VARCHAR))` for a JSON column fails."""
    error = await error_of(engine, "INSERT INTO parcels (id, document) VALUES (1, CAST(:value AS VARCHAR))")
    assert "is of type jsonb but expression is of type character varying" in error, "it is stored"


async def claim_number(engine: AsyncEngine) -> None:
    """`UPDATE parcels SET paid = 1` fails for a boolean column: write `true`."""
    error = await error_of(engine, "UPDATE parcels SET paid = 1")
    assert "is of type boolean but expression is of type integer" in error, "it is accepted"


async def claim_smallint(engine: AsyncEngine) -> None:
    """`UPDATE parcels SET paid = :value` with the number 1 fails: the expression `is of type smallint`."""
    error = await error_of(engine, "UPDATE parcels SET paid = :value", 1)
    assert error != "", "it is accepted"
    assert "is of type boolean but expression is of type smallint" in error, error.rpartition(">: ")[2]


async def claim_stored(engine: AsyncEngine) -> None:
    """A table whose column is a boolean accepts 7 from a model that says `Integer`."""
    table = Table("parcels", MetaData(), Column("id", Integer), Column("paid", Integer))
    error = ""
    async with engine.begin() as connection:
        try:
            await connection.execute(insert(table), {"id": 1, "paid": 7})
        except DBAPIError as raised:
            error = str(raised.orig)
    assert error == "", error.partition("\n")[0]


async def claim_dumps(engine: AsyncEngine) -> None:
    """A JSON column with the right type in the model stores `json.dumps({"a": 1})` as a string, and not as an object."""
    postgresql = engine.dialect.name == "postgresql"
    function = "jsonb_typeof" if postgresql else "json_type"
    async with engine.begin() as connection:
        await connection.execute(insert(Parcel), {"id": 1, "document": json.dumps({"a": 1})})
        assert await connection.scalar(text(f"SELECT {function}(document) FROM parcels")) in ("string", "text")


async def default_after(engine: AsyncEngine, *changes: dict[str, Any]) -> str:
    """What the column has by default after such calls of `alter_column()`, or the error of one."""
    async with engine.connect() as connection:
        await connection.execute(text("CREATE TEMPORARY TABLE sizes (weight VARCHAR DEFAULT '7')"))
        try:
            for change in changes:
                await connection.run_sync(
                    lambda c, given: Operations(MigrationContext.configure(c)).alter_column("sizes", "weight", **given),
                    change,
                )
        except DBAPIError as error:
            return str(error.orig)
        await connection.execute(text("INSERT INTO sizes DEFAULT VALUES"))
        return repr(await connection.scalar(text("SELECT weight FROM sizes")))


TO_INTEGER: dict[str, Any] = {"type_": Integer(), "postgresql_using": "weight::integer"}


async def claim_default(engine: AsyncEngine) -> None:
    """If the column has a default, this fails too: `default for column "weight" cannot be cast automatically`. A `server_default=` in the same call does not help."""
    assert engine.dialect.name == "postgresql", "SQLite cannot change the type of a column"
    text_of_it = 'default for column "weight" cannot be cast automatically'
    assert text_of_it in await default_after(engine, TO_INTEGER)
    assert text_of_it in await default_after(engine, {**TO_INTEGER, "server_default": "8"})


async def claim_three_calls(engine: AsyncEngine) -> None:
    """Three calls of `op.alter_column()` work: with `server_default=None`, then with the type, then with the new `server_default`."""
    assert engine.dialect.name == "postgresql", "SQLite cannot change the type of a column"
    assert await default_after(engine, {"server_default": None}, TO_INTEGER, {"server_default": "8"}) == "8"


async def claim_autogenerate(engine: AsyncEngine) -> None:
    """Autogenerate finds a column that is an `Integer` in the model and a boolean in the database."""
    models = MetaData()
    Table("parcels", models, Column("id", Integer, primary_key=True), Column("paid", Integer))
    async with engine.connect() as connection:
        found = await connection.run_sync(
            lambda connection: compare_metadata(MigrationContext.configure(connection), models)
        )
    changes = [one[0] for one in found if isinstance(one, list)]
    assert [(kind, table, column) for kind, _, table, column, *_ in changes] == [
        ("modify_type", "parcels", "paid")
    ], "it does not find it"


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
