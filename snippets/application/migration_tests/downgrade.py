# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0.38", "alembic", "aiosqlite", "asyncpg", "psycopg[binary]"]
# ///
import asyncio
import os
import tempfile
from pathlib import Path

from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, text
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

DATABASE_URL = os.environ.get("DATABASE_URL", "sqlite+aiosqlite:///greenlit.db")

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

revision = "1"
down_revision = None


def upgrade() -> None:
    op.add_column("users", sa.Column("age", sa.Integer))
    op.create_table("orders", sa.Column("id", sa.Integer, primary_key=True))


def downgrade() -> None:
    op.drop_table("orders")
    op.drop_column("users", "age")
"""
# --8<-- [end:revision]


def up_and_down(connection: Connection, config: Config) -> None:
    config.attributes["connection"] = connection
    command.upgrade(config, "head")
    command.downgrade(config, "base")


# --8<-- [start:again]
def up_again(connection: Connection, config: Config) -> None:
    command.upgrade(config, "head")
    print("up, down, and up again")
    #> up, down, and up again


# --8<-- [end:again]


async def send(engine: AsyncEngine, *statements: str) -> None:
    async with engine.begin() as connection:
        for statement in statements:
            await connection.execute(text(statement))


async def main() -> None:
    engine = create_async_engine(DATABASE_URL)
    clean = [f"DROP TABLE IF EXISTS {table}" for table in ("orders", "users", "alembic_version")]
    try:
        await send(engine, *clean, "CREATE TABLE users (id INTEGER PRIMARY KEY)")
        with tempfile.TemporaryDirectory() as folder:
            config = write_migrations(folder)
            async with engine.connect() as connection:
                await connection.run_sync(up_and_down, config)
                await connection.run_sync(up_again, config)
    finally:
        await send(engine, *clean)
        await engine.dispose()


def write_migrations(folder: str) -> Config:
    Path(folder, "env.py").write_text(ENV)
    Path(folder, "versions").mkdir()
    Path(folder, "versions", "1_age.py").write_text(REVISION)
    config = Config()
    config.set_main_option("script_location", folder)
    return config


if __name__ == "__main__":
    asyncio.run(main())
