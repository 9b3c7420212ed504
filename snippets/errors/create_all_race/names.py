# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0", "asyncpg", "psycopg[binary]"]
# ///
# drivers: asyncpg, psycopg (on SQLite only one connection can write)
import asyncio
import os
import re
import sys
from collections.abc import Callable
from typing import Any

from sqlalchemy import Column, Connection, Enum, Integer, MetaData, Table, Uuid, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

DATABASE_URL = os.environ.get("DATABASE_URL") or sys.exit(
    "needs PostgreSQL: DATABASE_URL=postgresql+asyncpg://user:password@localhost/test"
)


def create_all(*columns: Column[Any]) -> Callable[[Connection], None]:
    metadata = MetaData()
    Table("orders", metadata, *columns)
    return metadata.create_all


def sql(statement: str) -> Callable[[Connection], object]:
    return lambda connection: connection.execute(text(statement))


# --8<-- [start:statements]
STATEMENTS = {
    "create_all(), an integer as primary key": create_all(Column("id", Integer, primary_key=True)),
    "create_all(), a UUID as primary key": create_all(Column("id", Uuid, primary_key=True)),
    "create_all(), an Enum": create_all(Column("status", Enum("NEW", "PAID", name="order_status"))),
    "CREATE TABLE IF NOT EXISTS": sql("CREATE TABLE IF NOT EXISTS orders (id uuid)"),
    "CREATE INDEX IF NOT EXISTS": sql("CREATE INDEX IF NOT EXISTS by_email ON customers (email)"),
    "CREATE SEQUENCE IF NOT EXISTS": sql("CREATE SEQUENCE IF NOT EXISTS invoice_number"),
    "CREATE SCHEMA IF NOT EXISTS": sql("CREATE SCHEMA IF NOT EXISTS archive"),
}
# --8<-- [end:statements]


async def clean_up(engine: AsyncEngine) -> None:
    async with engine.begin() as connection:
        await connection.execute(text("DROP TABLE IF EXISTS orders, customers"))
        await connection.execute(text("DROP SEQUENCE IF EXISTS invoice_number"))
        await connection.execute(text("DROP TYPE IF EXISTS order_status"))
        await connection.execute(text("DROP SCHEMA IF EXISTS archive"))


async def until_it_waits(engine: AsyncEngine) -> None:
    """Until a connection waits for another one."""
    waits = text("SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'")
    async with engine.connect() as connection:
        await connection.execution_options(isolation_level="AUTOCOMMIT")
        while not await connection.scalar(waits):
            await asyncio.sleep(0.02)


async def second_says(engine: AsyncEngine, create: Callable[[Connection], object]) -> str:
    """What the second connection raises if the first one has done the same, and commits while the second one waits."""
    await clean_up(engine)
    async with engine.begin() as connection:
        await connection.execute(text("CREATE TABLE customers (email text)"))
    async with engine.connect() as first, engine.connect() as second:
        await first.run_sync(create)
        waiting = asyncio.create_task(second.run_sync(create))
        await until_it_waits(engine)
        await first.commit()
        try:
            await waiting
        except DBAPIError as error:
            found = re.search(r'unique constraint "(\w+)"', str(error.orig))
            return found[1] if found else str(error.orig)
    return "nothing"


async def compare() -> list[str]:
    engine = create_async_engine(DATABASE_URL)
    try:
        return [f"{name} | {await second_says(engine, create)}" for name, create in STATEMENTS.items()]
    finally:
        await clean_up(engine)
        await engine.dispose()


def main() -> None:
    rows = asyncio.run(compare())
    # --8<-- [start:table]
    print("both run | the second one violates")
    #> both run | the second one violates
    for row in rows:
        print(row)
        #> create_all(), an integer as primary key | pg_type_typname_nsp_index
        #> create_all(), a UUID as primary key | pg_type_typname_nsp_index
        #> create_all(), an Enum | pg_type_typname_nsp_index
        #> CREATE TABLE IF NOT EXISTS | pg_type_typname_nsp_index
        #> CREATE INDEX IF NOT EXISTS | pg_class_relname_nsp_index
        #> CREATE SEQUENCE IF NOT EXISTS | pg_class_relname_nsp_index
        #> CREATE SCHEMA IF NOT EXISTS | pg_namespace_nspname_index
    # --8<-- [end:table]


if __name__ == "__main__":
    main()
