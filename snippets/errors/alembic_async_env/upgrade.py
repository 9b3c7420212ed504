# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0", "alembic", "aiosqlite", "asyncpg", "psycopg[binary]"]
# ///
# needs: empty
import asyncio
import os
import tempfile
from pathlib import Path

from alembic import command
from alembic.config import Config
from sqlalchemy import text
from sqlalchemy.ext.asyncio import create_async_engine

DATABASE_URL = os.environ.get("DATABASE_URL", "sqlite+aiosqlite:///greenlit.db")

# --8<-- [start:env]
ENV = """
import asyncio
from alembic import context
from sqlalchemy.ext.asyncio import async_engine_from_config
from sqlalchemy.engine import Connection
from sqlalchemy.pool import NullPool
from models import Base

options = context.config.get_section("alembic", {})


def do_run_migrations(connection: Connection) -> None:
    context.configure(connection=connection, target_metadata=Base.metadata)
    with context.begin_transaction():
        context.run_migrations()


async def run_migrations_online() -> None:
    connectable = async_engine_from_config(options, poolclass=NullPool)
    async with connectable.connect() as connection:
        await connection.run_sync(do_run_migrations)
    await connectable.dispose()


asyncio.run(run_migrations_online())
"""
# --8<-- [end:env]

MODELS = """
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column


class Base(DeclarativeBase):
    pass


class Account(Base):
    __tablename__ = "accounts"

    id: Mapped[int] = mapped_column(primary_key=True)
"""

REVISION = """
from alembic import op
from sqlalchemy import Column, Integer

revision = "1"
down_revision = None


def upgrade() -> None:
    op.create_table("accounts", Column("id", Integer, primary_key=True))
"""


# --8<-- [start:upgrade]
def upgrade(config: Config) -> None:
    command.upgrade(config, "head")
    command.check(config)
    print("upgraded")
    #> upgraded


# --8<-- [end:upgrade]


async def clean_up() -> None:
    """The next run starts without tables."""
    engine = create_async_engine(DATABASE_URL)
    async with engine.begin() as connection:
        await connection.execute(text("DROP TABLE IF EXISTS accounts"))
        await connection.execute(text("DROP TABLE IF EXISTS alembic_version"))
    await engine.dispose()


def main() -> None:
    try:
        with tempfile.TemporaryDirectory() as folder:
            Path(folder, "env.py").write_text(ENV)
            Path(folder, "models.py").write_text(MODELS)
            Path(folder, "versions").mkdir()
            Path(folder, "versions", "1_create_accounts.py").write_text(REVISION)
            config = Config()
            config.set_main_option("script_location", folder)
            config.set_main_option("prepend_sys_path", folder)
            config.set_main_option("path_separator", "os")
            config.set_main_option("sqlalchemy.url", DATABASE_URL.replace("%", "%%"))
            upgrade(config)
    finally:
        asyncio.run(clean_up())


if __name__ == "__main__":
    main()
