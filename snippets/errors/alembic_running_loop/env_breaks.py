# /// script
# requires-python = ">=3.11"
# dependencies = [
#     "sqlalchemy[asyncio]>=2.0", "fastapi", "alembic", "aiosqlite", "asyncpg", "psycopg[binary]",
# ]
# ///
# raises: RuntimeError
import asyncio
import os
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from alembic import command
from alembic.config import Config
from fastapi import FastAPI
from sqlalchemy import text
from sqlalchemy.ext.asyncio import create_async_engine

DATABASE_URL = os.environ.get("DATABASE_URL", "sqlite+aiosqlite:///greenlit.db")

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


asyncio.run(run_async_migrations())
"""
# --8<-- [end:env]

REVISION = """
from alembic import op
from sqlalchemy import Column, Integer

revision = "1"
down_revision = None


def upgrade() -> None:
    op.create_table("accounts", Column("id", Integer, primary_key=True))
    print("the table accounts is created")
"""

config = Config()


# --8<-- [start:lifespan]
@asynccontextmanager
async def lifespan(app: FastAPI) -> AsyncIterator[None]:
    command.upgrade(config, "head")
    print("the application starts")
    yield


# --8<-- [end:lifespan]

app = FastAPI(lifespan=lifespan)


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
    try:
        with tempfile.TemporaryDirectory() as folder:
            write_migrations(config, folder, DATABASE_URL)
            async with app.router.lifespan_context(app):
                pass
    finally:
        await clean_up()


if __name__ == "__main__":
    asyncio.run(main())
