# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0.38", "alembic", "aiosqlite", "asyncpg", "psycopg[binary]"]
# ///
# drivers: asyncpg, psycopg (each opens a file of SQLite beside its PostgreSQL)
# needs: empty
import asyncio
import io
import logging
import os
import re
import sys
import tempfile
from logging.handlers import BufferingHandler
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.util import CommandError
from sqlalchemy import Column, Integer, MetaData, Table, inspect, text
from sqlalchemy.ext.asyncio import create_async_engine

DATABASE_URL = os.environ.get("DATABASE_URL") or sys.exit(
    "needs PostgreSQL: DATABASE_URL=postgresql+asyncpg://user:password@localhost/test"
)

ENV = """
import asyncio

from alembic import context
from sqlalchemy import Connection, text
from sqlalchemy.ext.asyncio import create_async_engine
from sqlalchemy.pool import NullPool

engine = create_async_engine(context.config.attributes["url"], poolclass=NullPool)


def run_on(connection: Connection) -> None:
    metadata = context.config.attributes["metadata"]
    context.configure(connection=connection, target_metadata=metadata)
    with context.begin_transaction():
        context.run_migrations()


async def run_online() -> None:
    async with engine.connect() as connection:
        await connection.run_sync(run_on)


asyncio.run(run_online())
"""

REVISION = """
import sqlalchemy as sa
from alembic import op

revision = "1"
down_revision = None


def upgrade() -> None:
    op.create_table("users", sa.Column("id", sa.Integer, primary_key=True))
"""

METADATA = MetaData()
Table("users", METADATA, Column("id", Integer, primary_key=True))
CREATE = 'op.create_table("users", sa.Column("id", sa.Integer, primary_key=True))'
CONFIGURE = "    context.configure("
CALL = "asyncio.run(run_online())"
BEGIN = "    with context.begin_transaction():\n        context.run_migrations()"

CAUSES = {
    "nothing is wrong": (ENV, REVISION),
    "env.py does not call the function": (ENV.replace(CALL, "online = run_online"), REVISION),
    "the call is below if __name__": (
        ENV.replace(CALL, f'if __name__ == "__main__":\n    {CALL}'), REVISION),
    "versions/ is empty": (ENV, None),
    "alembic stamp head came first": (ENV, REVISION),
    "stamp head, then stamp base": (ENV, REVISION),
    "the revision's upgrade() is empty": (ENV, REVISION.replace(CREATE, "pass")),
    "a statement comes before configure()": (
        ENV.replace(CONFIGURE, f'    connection.execute(text("SELECT 1"))\n{CONFIGURE}'), REVISION),
    "there is no begin_transaction()": (ENV.replace(BEGIN, "    context.run_migrations()"), REVISION),
}


async def prepare(url: str) -> None:
    engine = create_async_engine(url)
    async with engine.begin() as connection:
        await connection.execute(text("DROP TABLE IF EXISTS users"))
        await connection.execute(text("DROP TABLE IF EXISTS alembic_version"))
    await engine.dispose()


async def state(url: str) -> str:
    """Which table is there, and which version is recorded."""
    engine = create_async_engine(url)
    async with engine.connect() as connection:
        names = await connection.run_sync(lambda sync: inspect(sync).get_table_names())
        version = None
        if "alembic_version" in names:
            version = await connection.scalar(text("SELECT version_num FROM alembic_version"))
    await engine.dispose()
    return f"{'a' if 'users' in names else 'no'} table, {'a' if version else 'no'} version"


def finds_it(config: Config) -> str:
    try:
        command.check(config)
    except CommandError:
        return "fails"
    return "passes"


def upgrade(folder: str, url: str, cause: str) -> tuple[str, str, str]:
    asyncio.run(prepare(url))
    env, revision = CAUSES[cause]
    Path(folder, "env.py").write_text(env)
    versions = Path(folder, "versions")
    versions.mkdir(exist_ok=True)
    Path(versions, "1_users.py").unlink(missing_ok=True)
    if revision:
        Path(versions, "1_users.py").write_text(revision)
    config = Config(stdout=io.StringIO(), attributes={"url": url, "metadata": METADATA})
    config.set_main_option("script_location", folder)
    for target in re.findall(r"stamp (head|base)", cause):
        command.stamp(config, target)
    log = BufferingHandler(1000)
    logger = logging.getLogger("alembic.runtime.migration")
    logger.addHandler(log)
    logger.setLevel(logging.INFO)
    command.upgrade(config, "head")
    logger.removeHandler(log)
    runs = any(record.getMessage().startswith("Running upgrade") for record in log.buffer)
    return "yes" if runs else "no", asyncio.run(state(url)), finds_it(config)


# --8<-- [start:table]
def compare(folder: str) -> None:
    print("the cause | Running upgrade? | on PostgreSQL | on SQLite | alembic check")
    #> the cause | Running upgrade? | on PostgreSQL | on SQLite | alembic check
    for cause in CAUSES:
        logged, postgresql, check = upgrade(folder, DATABASE_URL, cause)
        _, sqlite, _ = upgrade(folder, f"sqlite+aiosqlite:///{folder}/shop.db", cause)
        print(cause, "|", logged, "|", postgresql, "|", sqlite, "|", check)
        #> nothing is wrong | yes | a table, a version | a table, a version | passes
        #> env.py does not call the function | no | no table, no version | no table, no version | passes
        #> the call is below if __name__ | no | no table, no version | no table, no version | passes
        #> versions/ is empty | no | no table, no version | no table, no version | fails
        #> alembic stamp head came first | no | no table, a version | no table, a version | fails
        #> stamp head, then stamp base | yes | a table, a version | a table, a version | passes
        #> the revision's upgrade() is empty | yes | no table, a version | no table, a version | fails
        #> a statement comes before configure() | yes | no table, no version | a table, no version | fails
        #> there is no begin_transaction() | yes | no table, no version | a table, a version | fails


# --8<-- [end:table]


def main() -> None:
    sys.dont_write_bytecode = True  # Each cause has an env.py of its own.
    with tempfile.TemporaryDirectory() as folder:
        compare(folder)
    asyncio.run(prepare(DATABASE_URL))


if __name__ == "__main__":
    main()
