# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0", "alembic", "aiosqlite", "asyncpg", "psycopg[binary]"]
# ///
# needs: empty
import asyncio
import io
import os
import tempfile
from argparse import Namespace
from collections.abc import Callable
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.util import CommandError
from sqlalchemy import Column, Connection, Integer, MetaData, Table, text
from sqlalchemy.ext.asyncio import create_async_engine

DATABASE_URL = os.environ.get("DATABASE_URL", "sqlite+aiosqlite:///greenlit.db")

ENV = """
from alembic import context

context.configure(**context.config.attributes)
with context.begin_transaction():
    context.run_migrations()
"""

REVISION = """
import sqlalchemy as sa
from alembic import op

revision, down_revision = "{revision}", {down_revision}


def upgrade() -> None:
    op.create_table("{table}", sa.Column("id", sa.Integer, primary_key=True))
"""

TEMPLATE = """
revision, down_revision = ${repr(up_revision)}, ${repr(down_revision)}


def upgrade() -> None:
    pass
"""

TABLES = ("users", "orders", "invoices")
models = MetaData()
for table in TABLES:
    Table(table, models, Column("id", Integer, primary_key=True))


# --8<-- [start:situations]
def missing_file(alembic: Config, versions: Path) -> None:
    command.upgrade(alembic, "2")
    (versions / "2_orders.py").unlink()


def behind(alembic: Config, versions: Path) -> None:
    command.upgrade(alembic, "1")


def two_heads(alembic: Config, versions: Path) -> None:
    command.upgrade(alembic, "1")
    file = REVISION.format(revision="3", down_revision="'1'", table="invoices")
    (versions / "3_invoices.py").write_text(file)


# --8<-- [end:situations]

# --8<-- [start:commands]
COMMANDS: dict[str, Callable[[Config], object]] = {
    "current": lambda alembic: command.current(alembic),
    "upgrade head": lambda alembic: command.upgrade(alembic, "head"),
    "upgrade heads": lambda alembic: command.upgrade(alembic, "heads"),
    "downgrade -1": lambda alembic: command.downgrade(alembic, "-1"),
    "stamp 1": lambda alembic: command.stamp(alembic, "1"),
    "stamp --purge 1": lambda alembic: command.stamp(alembic, "1", purge=True),
    "check": lambda alembic: command.check(alembic),
    "revision": lambda alembic: command.revision(alembic, rev_id="4"),
    "revision --autogenerate": lambda alembic: command.revision(alembic, autogenerate=True, rev_id="4"),
    "merge heads": lambda alembic: command.merge(alembic, "heads", rev_id="4"),
}

TRIED = {
    missing_file: ["current", "upgrade head", "downgrade -1", "stamp 1", "stamp --purge 1"],
    behind: ["check", "revision --autogenerate", "revision", "upgrade head"],
    two_heads: ["upgrade head", "revision", "upgrade heads", "merge heads, upgrade head"],
}
# --8<-- [end:commands]


def outcome(connection: Connection, situation: str, commands: str) -> str:
    """What Alembic says, in a folder and a database of its own."""
    with tempfile.TemporaryDirectory() as folder:
        Path(folder, "env.py").write_text(ENV)
        Path(folder, "script.py.mako").write_text(TEMPLATE)
        versions = Path(folder, "versions")
        versions.mkdir()
        (versions / "1_users.py").write_text(REVISION.format(revision="1", down_revision=None, table="users"))
        (versions / "2_orders.py").write_text(REVISION.format(revision="2", down_revision="'1'", table="orders"))
        attributes = {"connection": connection, "target_metadata": models}
        config = Config(stdout=io.StringIO(), attributes=attributes, cmd_opts=Namespace(quiet=True))
        config.set_main_option("script_location", folder)
        globals()[situation](config, versions)
        try:
            for name in commands.split(", "):
                COMMANDS[name](config)
        except CommandError as error:
            return str(error).partition(";")[0]
    return "works"


async def compare() -> list[str]:
    rows = ["the state | alembic | what Alembic says"]
    engine = create_async_engine(DATABASE_URL)
    for situation, tried in TRIED.items():
        for commands in tried:
            async with engine.connect() as connection:  # It commits nothing.
                for name in (*TABLES, "alembic_version"):
                    await connection.execute(text(f"DROP TABLE IF EXISTS {name}"))
                said = await connection.run_sync(outcome, situation.__name__, commands)
            rows.append(f"{situation.__name__} | {commands} | {said}")
    await engine.dispose()
    return rows


def main() -> None:
    rows = asyncio.run(compare())
    # --8<-- [start:table]
    for row in rows:
        print(row)
        #> the state | alembic | what Alembic says
        #> missing_file | current | Can't locate revision identified by '2'
        #> missing_file | upgrade head | Can't locate revision identified by '2'
        #> missing_file | downgrade -1 | Can't locate revision identified by '2'
        #> missing_file | stamp 1 | Can't locate revision identified by '2'
        #> missing_file | stamp --purge 1 | works
        #> behind | check | Target database is not up to date.
        #> behind | revision --autogenerate | Target database is not up to date.
        #> behind | revision | works
        #> behind | upgrade head | works
        #> two_heads | upgrade head | Multiple head revisions are present for given argument 'head'
        #> two_heads | revision | Multiple heads are present
        #> two_heads | upgrade heads | works
        #> two_heads | merge heads, upgrade head | works
    # --8<-- [end:table]


if __name__ == "__main__":
    main()
