# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlmodel", "sqlalchemy[asyncio]>=2.0.38", "alembic", "aiosqlite", "asyncpg", "psycopg[binary]"]
# ///
# needs: empty
import asyncio
import io
import os
import tempfile
from argparse import Namespace
from contextlib import chdir, redirect_stdout
from pathlib import Path

from alembic import command
from alembic.config import Config
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


async def clean() -> None:
    engine = create_async_engine(DATABASE_URL)
    async with engine.begin() as connection:
        for table in "hero", "alembic_version":
            await connection.execute(text(f"DROP TABLE IF EXISTS {table}"))
    await engine.dispose()


# --8<-- [start:template]
def start(config: Config) -> None:
    with redirect_stdout(io.StringIO()):  # It says which files it makes.
        command.init(config, "migrations", template="async")
    Path("migrations", "env.py").write_text(ENV)
    template = Path("migrations", "script.py.mako")
    imports = "import sqlalchemy as sa\n"
    template.write_text(template.read_text().replace(imports, imports + "import sqlmodel\n"))


# --8<-- [end:template]


# --8<-- [start:upgrade]
def migrate(config: Config) -> None:
    command.revision(config, autogenerate=True, rev_id="1")
    (revision,) = Path("migrations", "versions").glob("1_*.py")
    lines = revision.read_text().splitlines()
    print(*[line.strip() for line in lines if "AutoString" in line])
    #> sa.Column('name', sqlmodel.sql.sqltypes.AutoString(length=50), nullable=False),
    command.upgrade(config, "head")
    command.check(config)
    print("upgraded, and alembic check finds nothing")
    #> upgraded, and alembic check finds nothing


# --8<-- [end:upgrade]


def run() -> None:
    os.environ["DATABASE_URL"] = DATABASE_URL
    asyncio.run(clean())
    with tempfile.TemporaryDirectory() as folder, chdir(folder):
        Path("heroes").mkdir()
        Path("heroes", "models.py").write_text(MODELS)
        config = Config("alembic.ini", stdout=io.StringIO(), cmd_opts=Namespace(quiet=True))
        start(config)
        migrate(config)
    asyncio.run(clean())


if __name__ == "__main__":
    run()
