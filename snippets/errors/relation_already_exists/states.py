# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0", "alembic", "aiosqlite", "asyncpg", "psycopg[binary]"]
# ///
# needs: empty
import asyncio
import io
import os
import tempfile
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.util import CommandError
from sqlalchemy import Column, Connection, Integer, MetaData, String, Table, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

DATABASE_URL = os.environ.get("DATABASE_URL", "sqlite+aiosqlite:///greenlit.db")

ENV = """
from alembic import context

context.configure(**context.config.attributes)
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
    op.add_column("users", sa.Column("email", sa.String))
"""

# --8<-- [start:states]
without_email = MetaData()
Table("users", without_email, Column("id", Integer, primary_key=True))

models = MetaData()
Table("users", models, Column("id", Integer, primary_key=True), Column("email", String))

MADE = {
    "nothing": MetaData(),
    "the tables of revision 1": without_email,
    "the tables of the newest revision, 2": models,
}
# --8<-- [end:states]


# --8<-- [start:ways]
def upgrade(alembic: Config) -> None:
    command.upgrade(alembic, "head")


def stamp_1_upgrade_check(alembic: Config) -> None:
    command.stamp(alembic, "1")
    command.upgrade(alembic, "head")
    command.check(alembic)


def stamp_head_check(alembic: Config) -> None:
    command.stamp(alembic, "head")
    command.check(alembic)


# --8<-- [end:ways]


def outcome(connection: Connection, folder: str, made: MetaData, way: str) -> str:
    made.create_all(connection)
    attributes = {"connection": connection, "target_metadata": models}
    config = Config(stdout=io.StringIO(), attributes=attributes)
    config.set_main_option("script_location", folder)
    try:
        globals()[way](config)
    except DBAPIError:
        return "the upgrade fails"
    except CommandError:
        return "the check fails"
    return "works"


async def tried(engine: AsyncEngine, folder: str, made: MetaData, way: str) -> str:
    async with engine.connect() as connection:  # It commits nothing.
        await connection.execute(text("DROP TABLE IF EXISTS users"))
        await connection.execute(text("DROP TABLE IF EXISTS alembic_version"))
        return await connection.run_sync(outcome, folder, made, way)


async def compare(folder: str) -> list[str]:
    ways = ("upgrade", "stamp_1_upgrade_check", "stamp_head_check")
    rows = ["create_all() had made | " + " | ".join(ways)]
    engine = create_async_engine(DATABASE_URL)
    for made, metadata in MADE.items():
        outcomes = [await tried(engine, folder, metadata, way) for way in ways]
        rows.append(" | ".join([made, *outcomes]))
    await engine.dispose()
    return rows


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        Path(folder, "env.py").write_text(ENV)
        Path(folder, "versions").mkdir()
        Path(folder, "versions", "1_users.py").write_text(REVISION_1)
        Path(folder, "versions", "2_email.py").write_text(REVISION_2)
        rows = asyncio.run(compare(folder))
    # --8<-- [start:table]
    for row in rows:
        print(row)
        #> create_all() had made | upgrade | stamp_1_upgrade_check | stamp_head_check
        #> nothing | works | the upgrade fails | the check fails
        #> the tables of revision 1 | the upgrade fails | works | the check fails
        #> the tables of the newest revision, 2 | the upgrade fails | the upgrade fails | works
    # --8<-- [end:table]


if __name__ == "__main__":
    main()
