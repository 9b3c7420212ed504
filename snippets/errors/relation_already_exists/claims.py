# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0.38", "alembic", "aiosqlite", "asyncpg", "psycopg[binary]"]
# ///
import asyncio
import io
import os
import tempfile
import traceback
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path

from alembic import command
from alembic.config import Config
from sqlalchemy import (
    Column,
    Connection,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    UniqueConstraint,
    inspect,
    text,
)
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine

DATABASE_URL = os.environ.get("DATABASE_URL", "sqlite+aiosqlite:///greenlit.db")

ENV = """
from alembic import context

context.configure(connection=context.config.attributes["connection"])
with context.begin_transaction():
    context.run_migrations()
"""

REVISION = """
import sqlalchemy as sa
from alembic import op

revision, down_revision = "1", None


def upgrade() -> None:
    op.create_table("users", sa.Column("id", sa.Integer, primary_key=True))
"""

metadata = MetaData()
users = Table("users", metadata, Column("id", Integer, primary_key=True))


def alembic(connection: Connection, *commands: str) -> str:
    """What the commands print."""
    with tempfile.TemporaryDirectory() as folder, io.StringIO() as printed:
        Path(folder, "env.py").write_text(ENV)
        Path(folder, "versions").mkdir()
        Path(folder, "versions", "1_users.py").write_text(REVISION)
        config = Config(stdout=printed, attributes={"connection": connection})
        config.set_main_option("script_location", folder)
        for name in commands:
            getattr(command, name)(config, *(["head"] if name != "current" else []))
        return printed.getvalue()


async def clean(connection: AsyncConnection) -> None:
    for table in ("users", "members", "guests", "alembic_version"):
        await connection.execute(text(f"DROP TABLE IF EXISTS {table}"))


async def message(connection: AsyncConnection, what: Callable[..., object], *given: object) -> str:
    try:
        await connection.run_sync(what, *given)
    except DBAPIError as error:
        return str(error.orig)
    return "nothing was raised"


def columns(connection: Connection) -> list[str]:
    return [column["name"] for column in inspect(connection).get_columns("users")]


async def claim_create_all(engine: AsyncEngine) -> None:
    """`create_all()` skips a table that exists: it raises nothing, and adds no new column to it."""
    newer = MetaData()
    Table("users", newer, Column("id", Integer, primary_key=True), Column("email", String))
    async with engine.connect() as connection:
        await clean(connection)
        await connection.run_sync(metadata.create_all)
        await connection.run_sync(newer.create_all)
        assert await connection.run_sync(columns) == ["id"]


async def claim_table_create(engine: AsyncEngine) -> None:
    """`Table.create()` does not look first: for a table that exists, it raises. With `checkfirst=True` it does not."""
    async with engine.connect() as connection:
        await clean(connection)
        await connection.run_sync(users.create)
        await connection.run_sync(users.create, checkfirst=True)
        assert "users" in await message(connection, users.create)


async def claim_current(engine: AsyncEngine) -> None:
    """After `create_all()`, `alembic current` prints nothing. After `alembic stamp head`, it prints the revision."""
    async with engine.connect() as connection:
        await clean(connection)
        await connection.run_sync(metadata.create_all)
        assert await connection.run_sync(alembic, "current") == ""
        assert await connection.run_sync(alembic, "stamp", "current") == "1 (head)\n"


async def claim_version_lost(engine: AsyncEngine) -> None:
    """If the row in `alembic_version` is lost, `alembic upgrade head` begins again at the first revision, and fails."""
    async with engine.connect() as connection:
        await clean(connection)
        await connection.run_sync(alembic, "upgrade", "upgrade")
        await connection.execute(text("DELETE FROM alembic_version"))
        assert "already exists" in await message(connection, alembic, "upgrade")


async def claim_index(engine: AsyncEngine) -> None:
    """Two tables with an `Index` of the same name: `create_all()` fails, and the message names the index."""
    two = MetaData()
    Table("members", two, Column("email", String), Index("ix_email", "email"))
    Table("guests", two, Column("email", String), Index("ix_email", "email"))
    async with engine.connect() as connection:
        await clean(connection)
        error = await message(connection, two.create_all)
        await connection.rollback()
        await clean(connection)
        await connection.commit()
        assert "ix_email" in error
        assert "already exists" in error


async def claim_unique(engine: AsyncEngine) -> None:
    """Two tables with a `UniqueConstraint` of the same name: `create_all()` fails, and the message names the constraint."""
    two = MetaData()
    Table("members", two, Column("email", String), UniqueConstraint("email", name="uq_email"))
    Table("guests", two, Column("email", String), UniqueConstraint("email", name="uq_email"))
    async with engine.connect() as connection:
        await clean(connection)
        error = await message(connection, two.create_all)
        await connection.rollback()
        await clean(connection)
        await connection.commit()
        assert "uq_email" in error, error


async def claim_lifespan(engine: AsyncEngine) -> None:
    """A test that enters the lifespan on an empty database, and then asserts that there is no table, finds a `create_all()` in it."""

    @asynccontextmanager
    async def lifespan(create: bool) -> AsyncIterator[None]:
        if create:
            async with engine.begin() as connection:
                await connection.run_sync(metadata.create_all)
        yield

    found = []
    for create in (True, False):
        async with engine.begin() as connection:
            await clean(connection)
        async with lifespan(create), engine.connect() as connection:
            found.append(await connection.run_sync(lambda sync: inspect(sync).has_table("users")))
    assert found == [True, False]


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
