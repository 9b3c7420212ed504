# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0", "alembic", "aiosqlite", "asyncpg", "psycopg[binary]"]
# ///
# raises: ValueError
import io
import os
import tempfile
from contextlib import redirect_stdout
from pathlib import Path

from alembic import command
from alembic.config import Config

ENV = """
import os

from alembic import context

# --8<-- [start:url]
config = context.config
config.set_main_option("sqlalchemy.url", os.environ["DATABASE_URL"])
url = config.get_main_option("sqlalchemy.url")
# --8<-- [end:url]

context.configure(url=url, literal_binds=True)
with context.begin_transaction():
    context.run_migrations()
"""


# --8<-- [start:upgrade]
def upgrade(config: Config) -> None:
    os.environ["DATABASE_URL"] = "postgresql+asyncpg://shop:50%25off@db/shop"
    command.upgrade(config, "head", sql=True)
    print("upgraded")


# --8<-- [end:upgrade]


def run() -> None:
    with tempfile.TemporaryDirectory() as folder:
        with redirect_stdout(io.StringIO()):  # It says which files it makes.
            config = Config(Path(folder, "alembic.ini"), output_buffer=io.StringIO())
            command.init(config, str(Path(folder, "migrations")), template="async")
        Path(folder, "migrations", "env.py").write_text(ENV)
        upgrade(config)


if __name__ == "__main__":
    run()
