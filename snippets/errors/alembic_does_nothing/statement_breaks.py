# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0", "alembic", "asyncpg", "psycopg[binary]"]
# ///
# drivers: asyncpg, psycopg (on SQLite, the table is there, and the version is not)
# silent: the log says that the revision runs, and it is rolled back
import asyncio
import os
import sys
import tempfile
from pathlib import Path

from alembic import command
from alembic.config import Config
from sqlalchemy import inspect, text
from sqlalchemy.ext.asyncio import create_async_engine

DATABASE_URL = os.environ.get("DATABASE_URL") or sys.exit(
    "needs PostgreSQL: DATABASE_URL=postgresql+asyncpg://user:password@localhost/test"
)

ENV = """
import asyncio
import os

from alembic import context
from sqlalchemy import Connection, text
from sqlalchemy.ext.asyncio import create_async_engine
from sqlalchemy.pool import NullPool


# --8<-- [start:env]
def run_on(connection: Connection) -> None:
    connection.execute(text("SET lock_timeout = '5s'"))
    context.configure(connection=connection)
    with context.begin_transaction():
        context.run_migrations()
# --8<-- [end:env]


async def run_online() -> None:
    engine = create_async_engine(os.environ["DATABASE_URL"], poolclass=NullPool)
    async with engine.connect() as connection:
        await connection.run_sync(run_on)


asyncio.run(run_online())
"""

REVISION = """
import sqlalchemy as sa
from alembic import op

revision = "1"
down_revision = None


def upgrade() -> None:
    op.create_table("users", sa.Column("id", sa.Integer, primary_key=True))
"""


async def tables() -> list[str]:
    engine = create_async_engine(DATABASE_URL)
    async with engine.connect() as connection:
        names = await connection.run_sync(lambda sync: inspect(sync).get_table_names())
    await engine.dispose()
    return sorted(names)


# --8<-- [start:upgrade]
def upgrade(config: Config) -> None:
    command.upgrade(config, "head")
    print("the database has", asyncio.run(tables()))
    #> the database has []


# --8<-- [end:upgrade]


async def clean_up() -> None:
    """The next run starts without tables."""
    engine = create_async_engine(DATABASE_URL)
    async with engine.begin() as connection:
        await connection.execute(text("DROP TABLE IF EXISTS users"))
        await connection.execute(text("DROP TABLE IF EXISTS alembic_version"))
    await engine.dispose()


def main() -> None:
    os.environ["DATABASE_URL"] = DATABASE_URL
    asyncio.run(clean_up())
    with tempfile.TemporaryDirectory() as folder:
        Path(folder, "env.py").write_text(ENV)
        Path(folder, "versions").mkdir()
        Path(folder, "versions", "1_users.py").write_text(REVISION)
        config = Config()
        config.set_main_option("script_location", folder)
        upgrade(config)
    asyncio.run(clean_up())


if __name__ == "__main__":
    main()
