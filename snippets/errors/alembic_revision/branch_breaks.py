# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0", "alembic", "aiosqlite", "asyncpg", "psycopg[binary]"]
# ///
# raises: alembic.util.exc.CommandError
import asyncio
import os
import tempfile
from pathlib import Path

from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, text
from sqlalchemy.ext.asyncio import create_async_engine

DATABASE_URL = os.environ.get("DATABASE_URL", "sqlite+aiosqlite:///greenlit.db")

ENV = """
from alembic import context

context.configure(connection=context.config.attributes["connection"])
with context.begin_transaction():
    context.run_migrations()
"""

REVISION_1 = """
import sqlalchemy as sa
from alembic import op

revision, down_revision = "1", None


def upgrade() -> None:
    op.create_table("users", sa.Column("id", sa.Integer, primary_key=True))
"""

REVISION_2 = """
import sqlalchemy as sa
from alembic import op

revision, down_revision = "2", "1"


def upgrade() -> None:
    op.create_table("orders", sa.Column("id", sa.Integer, primary_key=True))


def downgrade() -> None:
    op.drop_table("orders")
"""


# --8<-- [start:switch]
def switch_branch(alembic: Config, versions: Path) -> None:
    command.upgrade(alembic, "head")
    (versions / "2_orders.py").unlink()  # As git switch does it.
    command.upgrade(alembic, "head")


# --8<-- [end:switch]


def migrate(connection: Connection) -> None:
    with tempfile.TemporaryDirectory() as folder:
        Path(folder, "env.py").write_text(ENV)
        versions = Path(folder, "versions")
        versions.mkdir()
        (versions / "1_users.py").write_text(REVISION_1)
        (versions / "2_orders.py").write_text(REVISION_2)
        config = Config(attributes={"connection": connection})
        config.set_main_option("script_location", folder)
        switch_branch(config, versions)


async def main() -> None:
    engine = create_async_engine(DATABASE_URL)
    try:
        async with engine.connect() as connection:  # It commits nothing.
            for table in ("users", "orders", "alembic_version"):
                await connection.execute(text(f"DROP TABLE IF EXISTS {table}"))
            await connection.run_sync(migrate)
    finally:
        await engine.dispose()


if __name__ == "__main__":
    asyncio.run(main())
