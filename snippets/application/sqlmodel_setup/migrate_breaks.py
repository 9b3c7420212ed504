# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlmodel", "sqlalchemy[asyncio]>=2.0.38", "alembic", "aiosqlite", "asyncpg", "psycopg[binary]"]
# ///
# raises: NameError
import asyncio
import io
import os
import tempfile
from contextlib import chdir, redirect_stderr, redirect_stdout
from pathlib import Path

from alembic.config import CommandLine, Config
from sqlalchemy import text
from sqlalchemy.ext.asyncio import create_async_engine

DATABASE_URL = os.environ.get("DATABASE_URL", "sqlite+aiosqlite:///greenlit.db")

MODELS = """
from sqlmodel import Field, SQLModel


class Hero(SQLModel, table=True):
    id: int | None = Field(default=None, primary_key=True)
    name: str = Field(max_length=50)
"""

# --8<-- [start:env]
ENV = """
import asyncio
import os

import heroes.models
from alembic import context
from sqlalchemy.ext.asyncio import create_async_engine
from sqlalchemy.pool import NullPool
from sqlmodel import SQLModel


def run_on(connection):
    context.configure(connection=connection, target_metadata=SQLModel.metadata)
    with context.begin_transaction():
        context.run_migrations()


async def run_online():
    engine = create_async_engine(os.environ["DATABASE_URL"], poolclass=NullPool)
    async with engine.begin() as connection:
        await connection.run_sync(run_on)


asyncio.run(run_online())
"""
# --8<-- [end:env]


def alembic(arguments: str) -> str:
    """Call `alembic`, and keep the last line of what it says."""
    said = io.StringIO()
    tool = CommandLine()
    options = tool.parser.parse_args(arguments.split())
    with redirect_stdout(said), redirect_stderr(said):
        tool.run_cmd(Config("alembic.ini", cmd_opts=options, stdout=said), options)
    return said.getvalue().strip().rpartition("\n")[2]


async def clean() -> None:
    engine = create_async_engine(DATABASE_URL)
    async with engine.begin() as connection:
        for table in "hero", "alembic_version":
            await connection.execute(text(f"DROP TABLE IF EXISTS {table}"))
    await engine.dispose()


# --8<-- [start:template]
def start() -> None:
    alembic("init -t async migrations")
    Path("migrations", "env.py").write_text(ENV)


# --8<-- [end:template]


# --8<-- [start:upgrade]
def migrate() -> None:
    alembic("revision --autogenerate --rev-id 1")
    (revision,) = Path("migrations", "versions").glob("1_*.py")
    print(*[line.strip() for line in revision.read_text().splitlines() if "AutoString" in line])
    #> sa.Column('name', sqlmodel.sql.sqltypes.AutoString(length=50), nullable=False),
    alembic("upgrade head")
    print(alembic("check"))


# --8<-- [end:upgrade]


def run() -> None:
    os.environ["DATABASE_URL"] = DATABASE_URL
    asyncio.run(clean())
    with tempfile.TemporaryDirectory() as folder, chdir(folder):
        Path("heroes").mkdir()
        Path("heroes", "models.py").write_text(MODELS)
        start()
        migrate()
    asyncio.run(clean())


if __name__ == "__main__":
    run()
