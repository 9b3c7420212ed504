# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0", "alembic", "aiosqlite", "asyncpg", "psycopg[binary]"]
# ///
# raises: sqlalchemy.exc.ProgrammingError, sqlalchemy.exc.OperationalError
import asyncio
import os
import tempfile
from pathlib import Path

from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, inspect, text
from sqlalchemy.ext.asyncio import create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

DATABASE_URL = os.environ.get("DATABASE_URL", "sqlite+aiosqlite:///greenlit.db")

ENV = """
from alembic import context

context.configure(connection=context.config.attributes["connection"])
with context.begin_transaction():
    context.run_migrations()
"""


class Base(DeclarativeBase):
    pass


class User(Base):
    __tablename__ = "users"

    id: Mapped[int] = mapped_column(primary_key=True)


# --8<-- [start:revisions]
REVISION_1 = """
import sqlalchemy as sa
from alembic import op

revision, down_revision = "1", None


def upgrade() -> None:
    op.create_table("users", sa.Column("id", sa.Integer, primary_key=True))
"""

REVISION_2 = """
import sqlalchemy as sa
from alembic import op

revision, down_revision = "2", "1"


def upgrade() -> None:
    op.add_column("users", sa.Column("email", sa.String))
"""
# --8<-- [end:revisions]


# --8<-- [start:upgrade]
def upgrade(connection: Connection, alembic: Config) -> None:
    Base.metadata.create_all(connection)  # The application did this when it started.
    command.upgrade(alembic, "head")


# --8<-- [end:upgrade]


def migrate(connection: Connection) -> None:
    with tempfile.TemporaryDirectory() as folder:
        Path(folder, "env.py").write_text(ENV)
        Path(folder, "versions").mkdir()
        Path(folder, "versions", "1_users.py").write_text(REVISION_1)
        Path(folder, "versions", "2_email.py").write_text(REVISION_2)
        config = Config(attributes={"connection": connection})
        config.set_main_option("script_location", folder)
        upgrade(connection, config)
        # --8<-- [start:columns]
        print([column["name"] for column in inspect(connection).get_columns("users")])
        # --8<-- [end:columns]


async def main() -> None:
    engine = create_async_engine(DATABASE_URL)
    try:
        async with engine.connect() as connection:  # It commits nothing.
            await connection.execute(text("DROP TABLE IF EXISTS users"))
            await connection.execute(text("DROP TABLE IF EXISTS alembic_version"))
            await connection.run_sync(migrate)
    finally:
        await engine.dispose()


if __name__ == "__main__":
    asyncio.run(main())
