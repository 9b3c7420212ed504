# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0.38", "alembic", "aiosqlite", "asyncpg", "psycopg[binary]"]
# ///
# needs: empty
import asyncio
import io
import os
import tempfile
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path

import sqlalchemy as sa
from alembic.config import CommandLine, Config
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

DATABASE_URL = os.environ.get("DATABASE_URL", "sqlite+aiosqlite:///greenlit.db")

ENV = """
from alembic import context

given = context.config.attributes
context.configure(connection=given["connection"], target_metadata=given["metadata"])
with context.begin_transaction():
    context.run_migrations()
"""

REVISION = """
import sqlalchemy as sa
from alembic import op

revision = "1"
down_revision = None


def upgrade() -> None:
    op.create_table("users", sa.Column("id", sa.Integer, primary_key=True), sa.Column("age", sa.Integer))
"""

SECOND = '''
from alembic import op

revision = "2"
down_revision = "1"


def upgrade() -> None:
    op.execute("UPDATE users SET age = 0")
'''


def users(*changes: sa.schema.SchemaItem) -> sa.MetaData:
    metadata = sa.MetaData()
    sa.Table("users", metadata, sa.Column("id", sa.Integer, primary_key=True), *changes)
    return metadata


# --8<-- [start:mistakes]
MISTAKES = {
    "nothing": users(sa.Column("age", sa.Integer)),
    "a new column": users(sa.Column("age", sa.Integer), sa.Column("name", sa.String)),
    "a renamed column": users(sa.Column("years", sa.Integer)),
    "a new CHECK constraint": users(sa.Column("age", sa.Integer), sa.CheckConstraint("age > 1", "ck_age")),
}
# --8<-- [end:mistakes]


def write(config: Config, name: str, revision: str) -> None:
    versions = Path(config.get_main_option("script_location") or "", "versions")
    versions.mkdir(exist_ok=True)
    Path(versions, f"{name}_revision.py").write_text(revision)


def run(config: Config, *arguments: str) -> int:
    """What `alembic` would return to the shell."""
    tool = CommandLine()
    said = io.StringIO()
    try:
        with redirect_stdout(said), redirect_stderr(said):
            tool.run_cmd(config, tool.parser.parse_args(arguments))
    except SystemExit as stop:
        assert isinstance(stop.code, int)
        return stop.code & 0xFF
    return 0


def alembic(connection: sa.Connection, config: Config, metadata: sa.MetaData, *arguments: str) -> int:
    config.attributes.update(connection=connection, metadata=metadata)
    return run(config, *arguments)


# --8<-- [start:table]
async def check(engine: AsyncEngine, config: Config) -> None:
    print("the model has, without a revision | exit code of alembic check")
    #> the model has, without a revision | exit code of alembic check
    for mistake, metadata in MISTAKES.items():
        async with engine.begin() as connection:
            await connection.run_sync(alembic, config, metadata, "upgrade", "head")
            print(mistake, "|", await connection.run_sync(alembic, config, metadata, "check"))
            #> nothing | 0
            #> a new column | 255
            #> a renamed column | 255
            #> a new CHECK constraint | 0
    # --8<-- [end:table]
    # --8<-- [start:behind]
    write(config, "2", SECOND)  # A revision that was not run.
    async with engine.begin() as connection:
        print(await connection.run_sync(alembic, config, MISTAKES["nothing"], "check"))
        #> 255
    # --8<-- [end:behind]


async def clean_up(engine: AsyncEngine) -> None:
    async with engine.begin() as connection:
        await connection.execute(sa.text("DROP TABLE IF EXISTS users"))
        await connection.execute(sa.text("DROP TABLE IF EXISTS alembic_version"))


async def main(config: Config) -> None:
    engine = create_async_engine(DATABASE_URL)
    await clean_up(engine)
    await check(engine, config)
    await clean_up(engine)
    await engine.dispose()


def in_a_folder() -> None:
    with tempfile.TemporaryDirectory() as folder:
        Path(folder, "env.py").write_text(ENV)
        config = Config(stdout=io.StringIO())
        config.set_main_option("script_location", folder)
        write(config, "1", REVISION)
        asyncio.run(main(config))


if __name__ == "__main__":
    in_a_folder()
