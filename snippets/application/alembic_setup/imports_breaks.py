# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0.38", "alembic", "aiosqlite", "asyncpg", "psycopg[binary]"]
# ///
# silent: the new revision is empty, or drops the table of the model that no module imports
import asyncio
import io
import os
import re
import tempfile
from contextlib import chdir, redirect_stderr, redirect_stdout
from pathlib import Path

from alembic.config import main
from sqlalchemy import text
from sqlalchemy.ext.asyncio import create_async_engine

DATABASE_URL = os.environ.get("DATABASE_URL", "sqlite+aiosqlite:///greenlit.db")

BASE = """
from sqlalchemy.orm import DeclarativeBase


class Base(DeclarativeBase):
    pass
"""

USER = """
from shop.models.base import Base
from sqlalchemy.orm import Mapped, mapped_column


class User(Base):
    __tablename__ = "users"

    id: Mapped[int] = mapped_column(primary_key=True)
"""

ORDER = USER.replace("User", "Order").replace("users", "orders")

# --8<-- [start:package]
PACKAGE = """
from shop.models.base import Base
from shop.models.user import User
"""
# --8<-- [end:package]

ENV = """
import asyncio
import os

from alembic import context
from shop.models import Base
from sqlalchemy.ext.asyncio import create_async_engine
from sqlalchemy.pool import NullPool


def run_on(connection):
    context.configure(connection=connection, target_metadata=Base.metadata)
    with context.begin_transaction():
        context.run_migrations()


async def run_online():
    engine = create_async_engine(os.environ["DATABASE_URL"], poolclass=NullPool)
    async with engine.connect() as connection:
        await connection.run_sync(run_on)


asyncio.run(run_online())
"""


def autogenerate() -> list[str]:
    """What `upgrade()` of the new revision does."""
    said = io.StringIO()
    with redirect_stdout(said), redirect_stderr(said):
        main(["revision", "--autogenerate", "--rev-id", "1"])
    (revision,) = Path("migrations", "versions").glob("1_*.py")
    upgrade = revision.read_text().partition("def downgrade")[0]
    revision.unlink()
    return [" ".join(change) for change in re.findall(r"op\.(\w+)\('(\w+)'", upgrade)]


async def send(*statements: str) -> None:
    engine = create_async_engine(DATABASE_URL)
    async with engine.begin() as connection:
        for statement in statements:
            await connection.execute(text(statement))
    await engine.dispose()


CLEAN = [f"DROP TABLE IF EXISTS {table}" for table in ("orders", "users", "alembic_version")]
USERS = "CREATE TABLE users (id INTEGER NOT NULL PRIMARY KEY)"
ORDERS = "CREATE TABLE orders (id INTEGER NOT NULL PRIMARY KEY)"


# --8<-- [start:compare]
def compare() -> None:
    asyncio.run(send(*CLEAN, USERS))
    print("the new revision:", autogenerate())
    #> the new revision: []

    asyncio.run(send(ORDERS))
    print("once the database has orders:", autogenerate())
    #> once the database has orders: ['drop_table orders']


# --8<-- [end:compare]


def run() -> None:
    os.environ["DATABASE_URL"] = DATABASE_URL
    with tempfile.TemporaryDirectory() as folder, chdir(folder):
        with redirect_stdout(io.StringIO()):
            main(["init", "-t", "async", "migrations"])
        Path("migrations", "env.py").write_text(ENV)
        Path("shop", "models").mkdir(parents=True)
        for name, code in {"base": BASE, "user": USER, "order": ORDER, "__init__": PACKAGE}.items():
            Path("shop", "models", f"{name}.py").write_text(code)
        compare()
        asyncio.run(send(*CLEAN))


if __name__ == "__main__":
    run()
