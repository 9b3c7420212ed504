# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0.38", "alembic", "asyncpg", "psycopg[binary]"]
# ///
# drivers: asyncpg, psycopg (SQLite has no advisory locks)
import asyncio
import os
import subprocess
import sys
import tempfile
from pathlib import Path

from sqlalchemy import text
from sqlalchemy.ext.asyncio import create_async_engine

DATABASE_URL = os.environ.get("DATABASE_URL") or sys.exit(
    "needs PostgreSQL: DATABASE_URL=postgresql+asyncpg://user:password@localhost/test"
)

ENV = """
import asyncio
import os
import time

from alembic import context
from sqlalchemy import Connection, text
from sqlalchemy.ext.asyncio import create_async_engine
from sqlalchemy.pool import NullPool


def run_on(connection: Connection) -> None:
    while not connection.scalar(text("SELECT pg_try_advisory_lock(7415)")):
        connection.rollback()
        time.sleep(0.1)
    connection.commit()
    context.configure(connection=connection, transaction_per_migration=True)
    with context.begin_transaction():
        context.run_migrations()


async def run_online() -> None:
    engine = create_async_engine(os.environ["DATABASE_URL"], poolclass=NullPool)
    async with engine.connect() as connection:
        await connection.run_sync(run_on)


asyncio.run(run_online())
"""

REVISION = """
import sys

import sqlalchemy as sa
from alembic import op

revision = "1"
down_revision = None


def upgrade() -> None:
    op.create_table("users", sa.Column("id", sa.Integer, primary_key=True))
    print("created", flush=True)
    sys.stdin.readline()  # It takes longer.
"""

BUSY = """
SELECT count(*) FROM pg_stat_activity
WHERE datname = current_database() AND pid <> pg_backend_pid()
AND (
    wait_event_type = 'Lock'
    OR (query LIKE '%pg_try_advisory_lock%' OR query LIKE 'ROLLBACK%')
    AND EXISTS (
        SELECT FROM pg_locks JOIN pg_database ON pg_database.oid = pg_locks.database
        WHERE locktype = 'advisory' AND pg_database.datname = current_database()
    )
)
"""


async def until_one_waits() -> None:
    engine = create_async_engine(DATABASE_URL)
    async with engine.connect() as connection:
        await connection.execution_options(isolation_level="AUTOCOMMIT")
        while await connection.scalar(text(BUSY)) != 1:
            await asyncio.sleep(0.05)
    await engine.dispose()


async def clean_up() -> None:
    engine = create_async_engine(DATABASE_URL)
    async with engine.begin() as connection:
        await connection.execute(text("DROP TABLE IF EXISTS users, alembic_version"))
    await engine.dispose()


def replica(folder: str) -> subprocess.Popen[str]:
    """A process that runs `alembic upgrade head`."""
    pipe = subprocess.PIPE
    return subprocess.Popen(
        [sys.executable, "-m", "alembic", "upgrade", "head"],
        cwd=folder,
        env={**os.environ, "DATABASE_URL": DATABASE_URL},
        stdin=pipe,
        stdout=pipe,
        stderr=pipe,
        text=True,
    )


# --8<-- [start:replicas]
def start_two(folder: str) -> None:
    with replica(folder) as first:
        assert first.stdout is not None
        first.stdout.readline()  # It has created the table, and has not committed.
        with replica(folder) as second:
            asyncio.run(until_one_waits())
            first.communicate("\n")
            _, said = second.communicate("\n")
    print("exit codes", first.returncode, second.returncode)
    #> exit codes 0 0
    if "duplicate key" in said:
        print(said[said.index("duplicate key") :].splitlines()[0])


# --8<-- [end:replicas]


def main() -> None:
    asyncio.run(clean_up())
    with tempfile.TemporaryDirectory() as folder:
        Path(folder, "versions").mkdir()
        Path(folder, "env.py").write_text(ENV)
        Path(folder, "versions", "1_users.py").write_text(REVISION)
        Path(folder, "alembic.ini").write_text("[alembic]\nscript_location = %(here)s\n")
        start_two(folder)
    asyncio.run(clean_up())


if __name__ == "__main__":
    main()
