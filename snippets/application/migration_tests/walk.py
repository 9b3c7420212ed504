# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0.38", "alembic", "pytest", "asyncpg", "psycopg[binary]"]
# ///
# drivers: asyncpg, psycopg (one of the mistakes is a type that SQLite does not have)
# needs: empty
import asyncio
import io
import os
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy.ext.asyncio import create_async_engine
from sqlalchemy.pool import NullPool

DATABASE_URL = os.environ.get("DATABASE_URL") or sys.exit(
    "needs PostgreSQL: DATABASE_URL=postgresql+asyncpg://user:password@localhost/test"
)

MODELS = sa.MetaData()
sa.Table(
    "users",
    MODELS,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("status", sa.Enum("new", "paid", name="status")),
    sa.Column("email", sa.String, index=True),
)

ENV = """
from alembic import context

given = context.config.attributes
context.configure(
    connection=given["connection"], target_metadata=given["models"], transaction_per_migration=True
)
with context.begin_transaction():
    context.run_migrations()
"""

# --8<-- [start:first]
FIRST = """
import sqlalchemy as sa
from alembic import op

revision = "1"
down_revision = None


def upgrade() -> None:
    op.create_table(
        "users",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("status", sa.Enum("new", "paid", name="status")),
    )


def downgrade() -> None:
    op.drop_table("users")
    sa.Enum(name="status").drop(op.get_bind())
"""
# --8<-- [end:first]

# --8<-- [start:second]
SECOND = """
import sqlalchemy as sa
from alembic import op

revision = "2"
down_revision = "1"


def upgrade() -> None:
    op.add_column("users", sa.Column("email", sa.String()))
    op.create_index("ix_users_email", "users", ["email"])
    op.execute("UPDATE users SET status = 'new' WHERE status IS NULL")


def downgrade() -> None:
    op.drop_index("ix_users_email", "users")
    op.drop_column("users", "email")
"""
# --8<-- [end:second]


def migrations(folder: str, *revisions: str, models: sa.MetaData = MODELS) -> Config:
    Path(folder, "env.py").write_text(ENV)
    Path(folder, "versions").mkdir()
    for number, revision in enumerate(revisions):
        Path(folder, "versions", f"{number}.py").write_text(revision)
    config = Config(stdout=io.StringIO(), attributes={"models": models})
    config.set_main_option("script_location", folder)
    return config


def empty(connection: sa.Connection) -> None:
    connection.execute(sa.text("DROP TABLE IF EXISTS users, alembic_version"))
    connection.execute(sa.text("DROP TYPE IF EXISTS status"))
    connection.commit()


# --8<-- [start:database]
async def on_an_empty_database(test: Callable[[sa.Connection, Config], None], config: Config) -> None:
    engine = create_async_engine(DATABASE_URL, poolclass=NullPool)
    async with engine.connect() as connection:
        await connection.run_sync(empty)
        config.attributes["connection"] = await connection.run_sync(lambda sync: sync)
        try:
            await connection.run_sync(test, config)
        finally:
            await connection.rollback()
            await connection.run_sync(empty)


def schema(connection: sa.Connection) -> set[tuple[str, str | None]]:
    inspector = sa.inspect(connection)
    tables = [table for table in inspector.get_table_names() if table != "alembic_version"]
    columns = {(table, column["name"]) for table in tables for column in inspector.get_columns(table)}
    indexes = {(table, index["name"]) for table in tables for index in inspector.get_indexes(table)}
    connection.commit()
    return columns | indexes


# --8<-- [end:database]


# --8<-- [start:walk]
def up_down_up(connection: sa.Connection, config: Config) -> None:
    revisions = list(ScriptDirectory.from_config(config).walk_revisions())
    for revision in reversed(revisions):
        below = revision.down_revision or "base"
        assert isinstance(below, str)  # A merge has several.
        before = schema(connection)
        command.upgrade(config, revision.revision)
        command.downgrade(config, below)
        assert schema(connection) == before
        command.upgrade(config, revision.revision)


# --8<-- [end:walk]


# --8<-- [start:models]
def models_agree(connection: sa.Connection, config: Config) -> None:
    command.upgrade(config, "head")
    command.check(config)


# --8<-- [end:models]


# --8<-- [start:data]
def old_rows(connection: sa.Connection, config: Config) -> None:
    command.upgrade(config, "1")
    connection.execute(sa.text("INSERT INTO users (id) VALUES (1)"))
    connection.commit()
    command.upgrade(config, "2")
    assert connection.scalar(sa.text("SELECT status FROM users")) == "new"


# --8<-- [end:data]


def upgrade_head(connection: sa.Connection, config: Config) -> None:
    command.upgrade(config, "head")


def drifted() -> sa.MetaData:
    models = sa.MetaData()
    MODELS.tables["users"].to_metadata(models).append_column(sa.Column("age", sa.Integer))
    return models


# --8<-- [start:mistakes]
MISTAKES = {
    "none": (FIRST, SECOND),
    "downgrade() forgets the type": (FIRST.replace("    sa.Enum(name", "    # sa.Enum(name"), SECOND),
    "downgrade() forgets the column": (FIRST, SECOND.replace("    op.drop_column", "    # op.drop_column")),
    "downgrade() drops too much": (
        FIRST, SECOND.replace('drop_column("users", "email")', 'drop_column("users", "email")\n    op.drop_column("users", "status")')),
    "drop_index(None)": (FIRST, SECOND.replace('drop_index("ix_users_email", ', "drop_index(None, ")),
    "old rows are forgotten": (FIRST, SECOND.replace("    op.execute", "    # op.execute")),
    "two revisions after one": (FIRST, SECOND, SECOND.replace('"2"', '"3"').replace("email", "mail")),
    "a model has a new column": (FIRST, SECOND),
}
# --8<-- [end:mistakes]


@pytest.fixture(params=MISTAKES)
def config(tmp_path: Path, request: pytest.FixtureRequest) -> Config:
    models = drifted() if "model" in request.param else MODELS
    return migrations(str(tmp_path), *MISTAKES[request.param], models=models)


# --8<-- [start:tests]
@pytest.mark.parametrize("test", [up_down_up, models_agree, old_rows])
def test_migrations(test: Callable[[sa.Connection, Config], None], config: Config) -> None:
    asyncio.run(on_an_empty_database(test, config))


def test_one_head(config: Config) -> None:
    assert len(ScriptDirectory.from_config(config).get_heads()) == 1


# --8<-- [end:tests]


def test_upgrade_head(config: Config) -> None:
    asyncio.run(on_an_empty_database(upgrade_head, config))


def failures() -> list[tuple[str, str]]:
    """Which tests pytest calls failed, each with the mistake in its revisions."""
    options = ["-q", "--tb=no", "-rf", "-o", "addopts=", "-p", "no:cacheprovider"]
    wide = {**os.environ, "COLUMNS": "200"}
    done = subprocess.run(
        [sys.executable, "-m", "pytest", *options, __file__], env=wide, capture_output=True, text=True
    )
    failed = re.findall(r"^FAILED \S+::test_(\w+)\[(.*?)\](?: - .*)?$", done.stdout, re.MULTILINE)
    found = []
    for test, parameters in failed:
        mistake = next(name for name in MISTAKES if name in parameters)
        rest = parameters.replace(mistake, "").strip("-")
        found.append((rest or test, mistake))
    return found


# --8<-- [start:table]
def compare() -> None:
    failed = failures()
    print("the mistake | upgrade head alone | is found by")
    #> the mistake | upgrade head alone | is found by
    for mistake in MISTAKES:
        found = [test for test, name in failed if name == mistake]
        alone = "fails" if "upgrade_head" in found else "passes"
        tests = ", ".join(test for test in found if test != "upgrade_head")
        print(mistake, "|", alone, "|", tests or "-")
        #> none | passes | -
        #> downgrade() forgets the type | passes | up_down_up
        #> downgrade() forgets the column | passes | up_down_up
        #> downgrade() drops too much | passes | up_down_up
        #> drop_index(None) | passes | up_down_up
        #> old rows are forgotten | passes | old_rows
        #> two revisions after one | fails | up_down_up, models_agree, one_head
        #> a model has a new column | passes | models_agree


# --8<-- [end:table]


if __name__ == "__main__":
    compare()
