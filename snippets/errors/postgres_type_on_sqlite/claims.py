# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0.38", "aiosqlite", "asyncpg", "psycopg[binary]"]
# ///
# drivers: aiosqlite (PostgreSQL has these types)
import asyncio
import os
import traceback
from collections.abc import Awaitable, Callable
from typing import Any

from sqlalchemy import JSON, Column, Integer, MetaData, String, Table, func, insert, select
from sqlalchemy.dialects import postgresql
from sqlalchemy.exc import OperationalError
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine
from sqlalchemy.types import TypeEngine

DATABASE_URL = os.environ.get("DATABASE_URL", "sqlite+aiosqlite:///greenlit.db")


async def stored(engine: AsyncEngine, column_type: TypeEngine[Any], value: object) -> object:
    """What comes back from a column of this type."""
    table = Table("articles", MetaData(), Column("it", column_type))
    async with engine.begin() as connection:
        await connection.run_sync(table.metadata.drop_all)
        await connection.run_sync(table.metadata.create_all)
        await connection.execute(insert(table).values(it=value))
        return await connection.scalar(select(table.c.it))


async def claim_both_variants(engine: AsyncEngine) -> None:
    """`JSONB().with_variant(JSON(), "sqlite")` and `JSON().with_variant(JSONB(), "postgresql")` store and return a dictionary on SQLite."""
    for column_type in (
        postgresql.JSONB().with_variant(JSON(), "sqlite"),
        JSON().with_variant(postgresql.JSONB(), "postgresql"),
    ):
        assert await stored(engine, column_type, {"draft": True}) == {"draft": True}


async def claim_ddl(engine: AsyncEngine) -> None:
    """A variant for SQLite changes nothing on PostgreSQL: the column is still `VARCHAR[]`, or `JSONB`."""
    dialect = postgresql.dialect()  # type: ignore[no-untyped-call]
    assert postgresql.JSONB().with_variant(JSON(), "sqlite").compile(dialect) == "JSONB"
    assert JSON().with_variant(postgresql.JSONB(), "postgresql").compile(dialect) == "JSONB"
    assert postgresql.ARRAY(String).with_variant(JSON(), "sqlite").compile(dialect) == "VARCHAR[]"


async def claim_operators(engine: AsyncEngine) -> None:
    """A variant changes the column, not the operators: `contains()` of such an array or JSONB column still fails on SQLite."""
    for column_type in (
        postgresql.ARRAY(String).with_variant(JSON(), "sqlite"),
        postgresql.JSONB().with_variant(JSON(), "sqlite"),
    ):
        table = Table("articles", MetaData(), Column("it", column_type))
        async with engine.begin() as connection:
            await connection.run_sync(table.metadata.drop_all)
            await connection.run_sync(table.metadata.create_all)
            error = None
            try:
                await connection.execute(select(table).where(table.c.it.contains(["sql"])))
            except OperationalError as raised:
                error = raised
            assert 'unrecognized token: "@"' in str(error)


async def claim_for_update(engine: AsyncEngine) -> None:
    """SQLAlchemy leaves `FOR UPDATE` out on SQLite, and writes `func.now()` as `CURRENT_TIMESTAMP`."""
    numbers = Table("numbers", MetaData(), Column("id", Integer))
    assert "FOR UPDATE" not in str(select(numbers).with_for_update().compile(engine))
    on_postgresql = postgresql.dialect()  # type: ignore[no-untyped-call]
    assert "FOR UPDATE" in str(select(numbers).with_for_update().compile(dialect=on_postgresql))
    assert "CURRENT_TIMESTAMP" in str(select(func.now()).compile(engine))


async def reason_against(claim: Callable[[AsyncEngine], Awaitable[None]]) -> str:
    """Why a claim does not hold here, or nothing."""
    engine = create_async_engine(DATABASE_URL)
    try:
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


if __name__ == "__main__":
    asyncio.run(main())
