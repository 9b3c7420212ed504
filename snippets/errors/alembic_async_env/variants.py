# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0", "alembic", "asyncpg"]
# ///
# drivers: asyncpg (psycopg, which is both, accepts some of these)
import os
import sys
import tempfile
import warnings
from pathlib import Path

from alembic import command
from alembic.config import Config

DATABASE_URL = os.environ.get("DATABASE_URL") or sys.exit(
    "needs PostgreSQL: DATABASE_URL=postgresql+asyncpg://user:password@localhost/test"
)

ENV = """
import asyncio
from alembic import context
from sqlalchemy import NullPool, create_engine
from sqlalchemy.ext.asyncio import create_async_engine

url = context.config.get_main_option("sqlalchemy.url")
async_engine = create_async_engine(url, poolclass=NullPool)


def do_run_migrations(connection) -> None:
    context.configure(connection=connection)
    with context.begin_transaction():
        context.run_migrations()

"""

# --8<-- [start:ways]
WAYS = {
    "create_engine(url)": """
with create_engine(url).connect() as connection:
    do_run_migrations(connection)
""",
    "the .sync_engine of an AsyncEngine": """
with async_engine.sync_engine.connect() as connection:
    do_run_migrations(connection)
""",
    "an AsyncEngine, and no async": """
with async_engine.connect() as connection:
    do_run_migrations(connection)
""",
    "async, and no run_sync()": """
async def run() -> None:
    async with async_engine.connect() as connection:
        do_run_migrations(connection)

asyncio.run(run())
""",
    "async, and run_sync()": """
async def run() -> None:
    async with async_engine.connect() as connection:
        await connection.run_sync(do_run_migrations)

asyncio.run(run())
""",
}
# --8<-- [end:ways]


# --8<-- [start:table]
def compare(config: Config, env: Path) -> None:
    print("env.py has | alembic upgrade")
    #> env.py has | alembic upgrade
    for way, code in WAYS.items():
        env.write_text(ENV + code)
        try:
            command.upgrade(config, "head")
            outcome = "works"
        except Exception as error:
            outcome = type(error).__name__
        print(way, "|", outcome)
        #> create_engine(url) | MissingGreenlet
        #> the .sync_engine of an AsyncEngine | MissingGreenlet
        #> an AsyncEngine, and no async | TypeError
        #> async, and no run_sync() | AttributeError
        #> async, and run_sync() | works


# --8<-- [end:table]


def main() -> None:
    warnings.simplefilter("ignore")
    with tempfile.TemporaryDirectory() as folder:
        Path(folder, "versions").mkdir()
        config = Config()
        config.set_main_option("script_location", folder)
        config.set_main_option("sqlalchemy.url", DATABASE_URL.replace("%", "%%"))
        compare(config, Path(folder, "env.py"))


if __name__ == "__main__":
    main()
