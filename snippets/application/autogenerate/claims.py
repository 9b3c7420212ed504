# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0.38", "alembic", "asyncpg", "psycopg[binary]"]
# ///
# drivers: asyncpg, psycopg (SQLite has no schemas)
import asyncio
import os
import sys
import traceback
from collections.abc import Awaitable, Callable

from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Column, Connection, Integer, MetaData, Table, text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine

DATABASE_URL = os.environ.get("DATABASE_URL") or sys.exit(
    "needs PostgreSQL: DATABASE_URL=postgresql+asyncpg://user:password@localhost/test"
)


async def proposed(connection: AsyncConnection, metadata: MetaData, **options: object) -> list[str]:
    """What `alembic revision --autogenerate` would do."""

    def compare(sync: Connection) -> list[str]:
        changes = compare_metadata(MigrationContext.configure(sync, opts=options), metadata)
        return [change[0][0] if isinstance(change, list) else change[0] for change in changes]

    return await connection.run_sync(compare)


async def claim_server_default(engine: AsyncEngine) -> None:
    """Without `compare_server_default=True`, autogenerate writes nothing for a new `server_default`."""
    metadata = MetaData()
    Table("users", metadata, Column("age", Integer, server_default="1"))
    async with engine.connect() as connection:
        await connection.execute(text("CREATE TABLE users (age integer)"))
        assert await proposed(connection, metadata, compare_server_default=True) == ["modify_default"]
        assert await proposed(connection, metadata) == []


async def claim_schema(engine: AsyncEngine) -> None:
    """Without `include_schemas=True`, autogenerate creates the table of a model with `schema="shop"` again, although it exists."""
    metadata = MetaData()
    Table("users", metadata, Column("id", Integer), schema="shop")
    async with engine.connect() as connection:
        await connection.execute(text("CREATE SCHEMA shop"))
        await connection.execute(text("CREATE TABLE shop.users (id integer)"))
        assert await proposed(connection, metadata, include_schemas=True) == []
        assert await proposed(connection, metadata) == ["add_table"]


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
