# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0.38", "alembic", "asyncpg", "psycopg[binary]"]
# ///
# drivers: asyncpg, psycopg (SQLite has no types to create)
import asyncio
import os
import sys
import tempfile
import traceback
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from alembic import command
from alembic.autogenerate import produce_migrations, render_python_code
from alembic.config import Config
from alembic.migration import MigrationContext
from sqlalchemy import Column, Connection, Enum, MetaData, Table, inspect
from sqlalchemy.exc import ProgrammingError
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

DATABASE_URL = os.environ.get("DATABASE_URL") or sys.exit(
    "needs PostgreSQL: DATABASE_URL=postgresql+asyncpg://user:password@localhost/test"
)

ENV = """
from alembic import context

context.configure(connection=context.config.attributes["connection"])
with context.begin_transaction():
    context.run_migrations()
"""

REVISION = """
import sqlalchemy as sa
from alembic import op

revision = "1"
down_revision = None


def upgrade() -> None:
    op.create_table("orders", sa.Column("status", sa.Enum("NEW", "PAID", name="status")))


def downgrade() -> None:
    op.drop_table("orders")
    sa.Enum(name="status").drop(op.get_bind())
"""

metadata = MetaData()
orders = Table("orders", metadata, Column("status", Enum("NEW", "PAID", name="status")))
invoices = Table("invoices", metadata, Column("status", Enum("NEW", "PAID", name="status")))


@contextmanager
def migrations(connection: Connection) -> Iterator[Config]:
    with tempfile.TemporaryDirectory() as folder:
        Path(folder, "env.py").write_text(ENV)
        Path(folder, "versions").mkdir()
        Path(folder, "versions", "1_orders.py").write_text(REVISION)
        config = Config()
        config.set_main_option("script_location", folder)
        config.attributes["connection"] = connection
        yield config


def upgrade(connection: Connection) -> ProgrammingError | None:
    with migrations(connection) as config:
        try:
            command.upgrade(config, "head")
        except ProgrammingError as error:
            return error
    return None


def stamp_and_upgrade(connection: Connection) -> list[str]:
    with migrations(connection) as config:
        command.stamp(config, "head")
        command.upgrade(config, "head")
    return sorted(inspect(connection).get_table_names())


def up_down_up(connection: Connection) -> list[str]:
    with migrations(connection) as config:
        command.upgrade(config, "head")
        command.downgrade(config, "base")
        command.upgrade(config, "head")
    return sorted(inspect(connection).get_table_names())


def autogenerate(connection: Connection) -> str:
    found = produce_migrations(MigrationContext.configure(connection), metadata)
    assert found.upgrade_ops is not None
    return render_python_code(found.upgrade_ops)


async def claim_create_all_first(engine: AsyncEngine) -> None:
    """After `create_all()` has made the same tables, the first migration fails with `type "status" already exists`."""
    async with engine.connect() as connection:
        await connection.run_sync(metadata.create_all)
        error = await connection.run_sync(upgrade)
        assert 'type "status" already exists' in str(error)


async def claim_stamp(engine: AsyncEngine) -> None:
    """After `create_all()` and `alembic stamp head`, `alembic upgrade head` works and creates no table."""
    async with engine.connect() as connection:
        await connection.run_sync(metadata.create_all)
        tables = await connection.run_sync(stamp_and_upgrade)
        assert tables == ["alembic_version", "invoices", "orders"]


async def claim_drop_in_downgrade(engine: AsyncEngine) -> None:
    """With `sa.Enum(name="status").drop(op.get_bind())` after `op.drop_table()` in `downgrade()`, the next upgrade works."""
    async with engine.connect() as connection:
        await connection.begin()
        assert await connection.run_sync(up_down_up) == ["alembic_version", "orders"]


async def claim_frame_in_versions(engine: AsyncEngine) -> None:
    """The traceback shows which revision it was: it has a frame in `versions/`."""
    async with engine.connect() as connection:
        await connection.run_sync(metadata.create_all)
        error = await connection.run_sync(upgrade)
        assert error is not None
        assert "1_orders.py" in [Path(f.filename).name for f in traceback.extract_tb(error.__traceback__)]


async def claim_autogenerate(engine: AsyncEngine) -> None:
    """For a second table with the same enum, autogenerate writes an `Enum` without `create_type=False`."""
    async with engine.connect() as connection:
        await connection.run_sync(orders.create)
        code = await connection.run_sync(autogenerate)
        assert "create_table('invoices'" in code
        assert "Enum('NEW', 'PAID', name='status')" in code
        assert "create_type" not in code


async def reason_against(claim: Callable[[AsyncEngine], Awaitable[None]]) -> str:
    """Why a claim does not hold here, or nothing."""
    engine = create_async_engine(DATABASE_URL)
    try:
        await claim(engine)
    except Exception as error:
        line = traceback.extract_tb(error.__traceback__)[-1].line
        return f"{type(error).__name__}: {str(error).partition(chr(10))[0] or line}"
    finally:
        await engine.dispose()
    return ""


async def main() -> None:
    for name, claim in list(globals().items()):
        if name.startswith("claim_"):
            sentence, against = " ".join(claim.__doc__.split()), await reason_against(claim)
            print(f"does not hold: {sentence} ({against})" if against else f"holds: {sentence}")


if __name__ == "__main__":
    asyncio.run(main())
