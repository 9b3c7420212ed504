# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0", "alembic", "asyncpg", "psycopg[binary]"]
# ///
# drivers: asyncpg, psycopg (SQLite has no types to create)
import asyncio
import os
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, Enum, text
from sqlalchemy.exc import ProgrammingError
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

DATABASE_URL = os.environ.get("DATABASE_URL") or sys.exit(
    "needs PostgreSQL: DATABASE_URL=postgresql+asyncpg://user:password@localhost/test"
)

ENV = """
from alembic import context

context.configure(connection=context.config.attributes["connection"])
with context.begin_transaction():
    context.run_migrations()
"""

# --8<-- [start:revision]
REVISION = """
import sqlalchemy as sa
from alembic import op

revision = "{revision}"
down_revision = {down_revision!r}


def upgrade() -> None:
    status = sa.Enum("NEW", "PAID", name="status")
    op.create_table("{table}", sa.Column("status", status))


def downgrade() -> None:
    op.drop_table("{table}")
"""
# --8<-- [end:revision]


# --8<-- [start:steps]
def at_once(config: Config) -> None:
    command.upgrade(config, "head")


def in_two_deployments(config: Config) -> None:
    command.upgrade(config, "orders")
    command.upgrade(config, "invoices")


def down_and_up(config: Config) -> None:
    command.upgrade(config, "orders")
    command.downgrade(config, "base")
    command.upgrade(config, "orders")


def down_drop_and_up(config: Config) -> None:
    command.upgrade(config, "orders")
    command.downgrade(config, "base")
    Enum(name="status").drop(config.attributes["connection"])
    command.upgrade(config, "orders")


# --8<-- [end:steps]


def outcome(connection: Connection, config: Config, way: Callable[[Config], None]) -> str:
    connection.execute(text("DROP TABLE IF EXISTS alembic_version, orders, invoices"))
    config.attributes["connection"] = connection
    try:
        way(config)
    except ProgrammingError as error:
        assert 'type "status" already exists' in str(error)
        return 'type "status" already exists'
    return "works"


# --8<-- [start:table]
async def compare(engine: AsyncEngine, config: Config) -> None:
    print("alembic runs | and then")
    #> alembic runs | and then
    for way in (at_once, in_two_deployments, down_and_up, down_drop_and_up):
        async with engine.connect() as connection:
            await connection.begin()
            print(way.__name__, "|", await connection.run_sync(outcome, config, way))
            #> at_once | works
            #> in_two_deployments | type "status" already exists
            #> down_and_up | type "status" already exists
            #> down_drop_and_up | works
            await connection.rollback()


# --8<-- [end:table]


def write_migrations(folder: str) -> Config:
    Path(folder, "env.py").write_text(ENV)
    Path(folder, "versions").mkdir()
    for table, below in (("orders", None), ("invoices", "orders")):
        code = REVISION.format(revision=table, down_revision=below, table=table)
        Path(folder, "versions", f"{table}.py").write_text(code)
    config = Config()
    config.set_main_option("script_location", folder)
    return config


async def main() -> None:
    engine = create_async_engine(DATABASE_URL)
    try:
        with tempfile.TemporaryDirectory() as folder:
            await compare(engine, write_migrations(folder))
    finally:
        await engine.dispose()


if __name__ == "__main__":
    asyncio.run(main())
