# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0", "alembic", "aiosqlite", "asyncpg", "psycopg[binary]"]
# ///
import asyncio
import os
import tempfile
from pathlib import Path

from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, inspect, text
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

DATABASE_URL = os.environ.get("DATABASE_URL", "sqlite+aiosqlite:///greenlit.db")

# --8<-- [start:env]
ENV = """
import asyncio
from alembic import context
from sqlalchemy.engine import Connection
from sqlalchemy.ext.asyncio import async_engine_from_config
from sqlalchemy.pool import NullPool

options = context.config.get_section("alembic", {})


def do_run_migrations(connection: Connection) -> None:
    context.configure(connection=connection)
    with context.begin_transaction():
        context.run_migrations()


async def run_async_migrations() -> None:
    connectable = async_engine_from_config(options, poolclass=NullPool)
    async with connectable.connect() as connection:
        await connection.run_sync(do_run_migrations)
    await connectable.dispose()


given = context.config.attributes.get("connection")
if given is None:
    asyncio.run(run_async_migrations())
else:
    do_run_migrations(given)
"""
# --8<-- [end:env]

REVISION = """
from alembic import op
from sqlalchemy import Column, Integer

revision = "1"
down_revision = None


def upgrade() -> None:
    op.create_table("accounts", Column("id", Integer, primary_key=True))
"""


# --8<-- [start:share]
def upgrade(connection: Connection, config: Config) -> None:
    config.attributes["connection"] = connection
    command.upgrade(config, "head")


async def prepare(engine: AsyncEngine, config: Config) -> None:
    async with engine.begin() as connection:
        await connection.run_sync(upgrade, config)
        print(await connection.run_sync(lambda sync: inspect(sync).has_table("accounts")))
        #> True


# --8<-- [end:share]


def write_migrations(config: Config, folder: str, url: str) -> None:
    Path(folder, "env.py").write_text(ENV)
    Path(folder, "versions").mkdir()
    Path(folder, "versions", "1_create_accounts.py").write_text(REVISION)
    config.set_main_option("script_location", folder)
    config.set_main_option("sqlalchemy.url", url.replace("%", "%%"))


async def clean_up() -> None:
    """The next run starts without tables."""
    engine = create_async_engine(DATABASE_URL)
    async with engine.begin() as connection:
        await connection.execute(text("DROP TABLE IF EXISTS accounts"))
        await connection.execute(text("DROP TABLE IF EXISTS alembic_version"))
    await engine.dispose()


async def main() -> None:
    engine = create_async_engine(DATABASE_URL)
    url = engine.url.render_as_string(hide_password=False)
    try:
        with tempfile.TemporaryDirectory() as folder:
            config = Config()
            write_migrations(config, folder, url)
            await prepare(engine, config)
    finally:
        await engine.dispose()
        await clean_up()


if __name__ == "__main__":
    asyncio.run(main())
