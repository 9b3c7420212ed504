# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0.38", "alembic", "asyncpg", "psycopg[binary]"]
# ///
# drivers: asyncpg, psycopg (SQLite has no types)
import asyncio
import os
import sys
import tempfile
from pathlib import Path

from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, text
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

DATABASE_URL = os.environ.get("DATABASE_URL") or sys.exit(
    "needs PostgreSQL: DATABASE_URL=postgresql+asyncpg://user:password@localhost/test"
)

ENV = """
from alembic import context

context.configure(connection=context.config.attributes["connection"], transaction_per_migration=True)
with context.begin_transaction():
    context.run_migrations()
"""

# --8<-- [start:revision]
REVISION = """
from alembic import op

revision = "1"
down_revision = None


def upgrade() -> None:
    with op.get_context().autocommit_block():
        op.execute("ALTER TYPE status ADD VALUE IF NOT EXISTS 'PAID'")
    op.execute("UPDATE orders SET status = 'PAID'")
"""
# --8<-- [end:revision]


# --8<-- [start:upgrade]
def upgrade(connection: Connection, config: Config) -> None:
    config.attributes["connection"] = connection
    command.upgrade(config, "head")


# --8<-- [end:upgrade]


async def clean_up(engine: AsyncEngine) -> None:
    async with engine.begin() as connection:
        await connection.execute(text("DROP TABLE IF EXISTS orders, alembic_version"))
        await connection.execute(text("DROP TYPE IF EXISTS status"))


async def migrate(engine: AsyncEngine, config: Config) -> None:
    async with engine.begin() as connection:
        await connection.execute(text("CREATE TYPE status AS ENUM ('NEW')"))
        await connection.execute(text("CREATE TABLE orders (id integer PRIMARY KEY, status status)"))
        await connection.execute(text("INSERT INTO orders VALUES (1, 'NEW')"))
    async with engine.connect() as connection:
        await connection.run_sync(upgrade, config)
        print(await connection.scalar(text("SELECT status::text FROM orders")))
        #> PAID


def write_migrations(folder: str) -> Config:
    Path(folder, "env.py").write_text(ENV)
    Path(folder, "versions").mkdir()
    Path(folder, "versions", "1_paid.py").write_text(REVISION)
    config = Config()
    config.set_main_option("script_location", folder)
    return config


async def main() -> None:
    engine = create_async_engine(DATABASE_URL)
    try:
        await clean_up(engine)
        with tempfile.TemporaryDirectory() as folder:
            await migrate(engine, write_migrations(folder))
    finally:
        await clean_up(engine)
        await engine.dispose()


if __name__ == "__main__":
    asyncio.run(main())
