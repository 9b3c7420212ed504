# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0.38", "asyncpg", "psycopg[binary]", "alembic"]
# ///
# drivers: asyncpg, psycopg (SQLite has another message, and a page of its own)
import asyncio
import os
import sys
import traceback
from collections.abc import Awaitable, Callable

from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Column, Connection, Integer, MetaData, Table, select, text
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

DATABASE_URL = os.environ.get("DATABASE_URL") or sys.exit(
    "needs PostgreSQL: DATABASE_URL=postgresql+asyncpg://user:password@localhost/test"
)


def proposed(connection: Connection, metadata: MetaData) -> list[str]:
    """What `alembic revision --autogenerate` would do."""
    return [change[0] for change in compare_metadata(MigrationContext.configure(connection), metadata)]


async def claim_autogenerate(engine: AsyncEngine) -> None:
    """If `env.py` does not import the models, `--autogenerate` creates no table and proposes to drop those that exist."""
    metadata = MetaData()
    async with engine.connect() as connection:
        await connection.execute(text("CREATE TABLE customers (id integer PRIMARY KEY)"))
        assert await connection.run_sync(proposed, metadata) == ["remove_table"]
        Table("customers", metadata, Column("id", Integer, primary_key=True))
        assert await connection.run_sync(proposed, metadata) == []


async def claim_schema(engine: AsyncEngine) -> None:
    """A table in the schema `shop` is found with `schema="shop"` in the model, and with `shop` in the `search_path`."""
    with_schema = Table("invoices", MetaData(), Column("id", Integer), schema="shop")
    without = Table("invoices", MetaData(), Column("id", Integer))
    async with engine.connect() as connection:
        await connection.execute(text("CREATE SCHEMA shop"))
        await connection.execute(text("CREATE TABLE shop.invoices AS SELECT 7 AS id"))
        assert await connection.scalar(select(with_schema.c.id)) == 7
        await connection.execute(text("SET LOCAL search_path = shop, public"))
        assert await connection.scalar(select(without.c.id)) == 7


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
