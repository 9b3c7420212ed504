# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0.38", "alembic", "aiosqlite", "asyncpg", "psycopg[binary]"]
# ///
import asyncio
import os
import tempfile
import traceback
from collections.abc import Awaitable, Callable
from pathlib import Path

from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, inspect, text
from sqlalchemy.exc import DBAPIError, IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine

DATABASE_URL = os.environ.get("DATABASE_URL", "sqlite+aiosqlite:///greenlit.db")

ENV = """
from alembic import context

context.configure(connection=context.config.attributes["connection"], transaction_per_migration=True)
with context.begin_transaction():
    context.run_migrations()
"""

REVISION = """
import sqlalchemy as sa
from alembic import op

revision, down_revision = "1", None


def upgrade() -> None:
    {body}
"""

TWO_STEPS = """
    op.create_table("first_steps", sa.Column("id", sa.Integer, primary_key=True))
    op.execute("SELECT * FROM missing_table")
"""

BLOCK_BETWEEN = """
    op.create_table("first_steps", sa.Column("id", sa.Integer, primary_key=True))
    with op.get_context().autocommit_block():
        op.execute("SELECT 1")
    op.execute("SELECT * FROM missing_table")
"""

AUTOCOMMIT = """
    with op.get_context().autocommit_block():
        op.execute("SELECT 1")
"""


def upgrade(connection: Connection, body: str) -> None:
    with tempfile.TemporaryDirectory() as folder:
        Path(folder, "env.py").write_text(ENV)
        Path(folder, "versions").mkdir()
        Path(folder, "versions", "1_revision.py").write_text(REVISION.format(body=body.strip()))
        config = Config(attributes={"connection": connection})
        config.set_main_option("script_location", folder)
        command.upgrade(config, "head")


def tables(connection: Connection) -> list[str]:
    return inspect(connection).get_table_names()


async def clean(connection: AsyncConnection) -> None:
    for table in ("first_steps", "alembic_version"):
        await connection.execute(text(f"DROP TABLE IF EXISTS {table}"))
    await connection.commit()


async def claim_half(engine: AsyncEngine) -> None:
    """A revision that creates a table, and then fails at its second statement, leaves nothing: the table does not exist."""
    async with engine.connect() as connection:
        await clean(connection)
        failed = False
        try:
            await connection.run_sync(upgrade, TWO_STEPS)
        except DBAPIError:
            failed = True
        await connection.rollback()
        found = await connection.run_sync(tables)
        await connection.rollback()
        await clean(connection)
        assert failed
        assert "first_steps" not in found, "the table is there"


async def claim_xact_lock(engine: AsyncEngine) -> None:
    """A commit releases the lock of `pg_advisory_xact_lock()`. That of `pg_advisory_lock()` is kept."""
    held = text("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND pid = pg_backend_pid()")
    async with engine.connect() as connection:
        await connection.execute(text("SELECT pg_advisory_xact_lock(7415)"))
        assert await connection.scalar(held) == 1
        await connection.commit()
        assert await connection.scalar(held) == 0
        await connection.execute(text("SELECT pg_advisory_lock(7415)"))
        await connection.commit()
        assert await connection.scalar(held) == 1


async def claim_deadlock(engine: AsyncEngine) -> None:
    """If another process waits in `pg_advisory_lock()` for this one, `CREATE INDEX CONCURRENTLY` waits for that process. PostgreSQL raises `40P01`, deadlock detected, in one of them."""
    create = "CREATE INDEX CONCURRENTLY ix_deadlock ON deadlocks (id)"
    waiting = text(
        "SELECT count(*) FROM pg_locks JOIN pg_database ON pg_database.oid = pg_locks.database"
        " WHERE datname = current_database() AND NOT granted AND locktype = 'advisory'"
    )
    async with engine.connect() as first, engine.connect() as second:
        await first.execution_options(isolation_level="AUTOCOMMIT")
        await second.execution_options(isolation_level="AUTOCOMMIT")
        await first.execute(text("DROP TABLE IF EXISTS deadlocks"))
        await first.execute(text("CREATE TABLE deadlocks (id integer)"))
        await first.execute(text("SELECT pg_advisory_lock(7415)"))

        async def code_of(connection: AsyncConnection, statement: str) -> str | None:
            try:
                await connection.execute(text(statement))
            except DBAPIError as raised:
                return str(getattr(raised.orig, "sqlstate", None))
            return None

        waits = asyncio.create_task(code_of(second, "SELECT pg_advisory_lock(7415)"))
        while not await first.scalar(waiting):
            await asyncio.sleep(0.01)
        codes = [await code_of(first, create)]
        await first.execute(text("SELECT pg_advisory_unlock(7415)"))
        codes.append(await waits)
        await first.execute(text("DROP TABLE deadlocks"))
        assert "40P01" in codes


async def claim_invalid_index(engine: AsyncEngine) -> None:
    """`CREATE UNIQUE INDEX CONCURRENTLY` that fails leaves an invalid index. A second try with `IF NOT EXISTS` raises nothing, and the index is still invalid."""
    valid = text("SELECT indisvalid FROM pg_index WHERE indexrelid = to_regclass('ix_twice')")
    async with engine.connect() as connection:
        await connection.execution_options(isolation_level="AUTOCOMMIT")
        await connection.execute(text("DROP TABLE IF EXISTS duplicates"))
        await connection.execute(text("CREATE TABLE duplicates AS SELECT 1 AS id UNION ALL SELECT 1"))
        error = None
        try:
            await connection.execute(text("CREATE UNIQUE INDEX CONCURRENTLY ix_twice ON duplicates (id)"))
        except IntegrityError as raised:
            error = raised
        assert error is not None
        assert await connection.scalar(valid) is False
        await connection.execute(text("CREATE UNIQUE INDEX CONCURRENTLY IF NOT EXISTS ix_twice ON duplicates (id)"))
        still = await connection.scalar(valid)
        await connection.execute(text("DROP TABLE duplicates"))
        assert still is False


async def claim_lock_timeout(engine: AsyncEngine) -> None:
    """`CREATE INDEX CONCURRENTLY` also waits for a transaction that has only read another table. With a `lock_timeout` it then fails with `55P03`, and leaves an invalid index."""
    valid = text("SELECT indisvalid FROM pg_index WHERE indexrelid = to_regclass('ix_waits')")
    async with engine.connect() as report, engine.connect() as migration:
        await migration.execution_options(isolation_level="AUTOCOMMIT")
        for table in "indexed", "reported":
            await migration.execute(text(f"DROP TABLE IF EXISTS {table}"))
            await migration.execute(text(f"CREATE TABLE {table} (id integer)"))
        await report.execute(text("SELECT * FROM reported WHERE id = :id"), {"id": 1})
        await migration.execute(text("SET lock_timeout = '200ms'"))
        code = None
        try:
            await migration.execute(text("CREATE INDEX CONCURRENTLY ix_waits ON indexed (id)"))
        except DBAPIError as raised:
            code = getattr(raised.orig, "sqlstate", None)
        await report.rollback()
        left = await migration.scalar(valid)
        for table in "indexed", "reported":
            await migration.execute(text(f"DROP TABLE {table}"))
        await migration.execute(text("RESET lock_timeout"))
        assert code == "55P03"
        assert left is False


async def claim_no_lock_timeout(engine: AsyncEngine) -> None:
    """While `CREATE INDEX CONCURRENTLY` waits for such a transaction, other requests read and write the table. So `SET lock_timeout = 0` before it keeps no request waiting."""
    waits = text(
        "SELECT count(*) FROM pg_locks JOIN pg_stat_activity USING (pid)"
        " WHERE datname = current_database() AND NOT granted AND locktype = 'virtualxid'"
    )
    async with engine.connect() as report, engine.connect() as migration, engine.connect() as request:
        for connection in migration, request:
            await connection.execution_options(isolation_level="AUTOCOMMIT")
        for table in "indexed", "reported":
            await migration.execute(text(f"DROP TABLE IF EXISTS {table}"))
            await migration.execute(text(f"CREATE TABLE {table} (id integer)"))
        await report.execute(text("SELECT * FROM reported WHERE id = :id"), {"id": 1})
        create = text("CREATE INDEX CONCURRENTLY ix_waits ON indexed (id)")
        creating = asyncio.create_task(migration.execute(create))
        while not await request.scalar(waits):
            await asyncio.sleep(0.01)
        await request.execute(text("SET lock_timeout = '5s'"))
        await request.execute(text("INSERT INTO indexed VALUES (1)"))
        read = await request.scalar(text("SELECT count(*) FROM indexed"))
        waited = not creating.done()
        await report.rollback()
        await creating
        await request.execute(text("RESET lock_timeout"))
        for table in "indexed", "reported":
            await migration.execute(text(f"DROP TABLE {table}"))
        assert read == 1
        assert waited


async def claim_handed_over(engine: AsyncEngine) -> None:
    """With a connection whose transaction has begun already, such as that of `engine.begin()`, `autocommit_block()` raises an `AssertionError`. With one of `engine.connect()`, it works."""
    async with engine.connect() as connection:
        await clean(connection)
        await connection.run_sync(upgrade, AUTOCOMMIT)
        await clean(connection)
        await connection.begin()
        error = None
        try:
            await connection.run_sync(upgrade, AUTOCOMMIT)
        except AssertionError as raised:
            error = raised
        await connection.rollback()
        await clean(connection)
        assert error is not None


async def claim_rolled_back(engine: AsyncEngine) -> None:
    """A rollback takes back a `SET lock_timeout` of its transaction. A commit keeps it for the connection."""
    async with engine.connect() as connection:
        found = []
        for end in connection.rollback, connection.commit:
            await connection.execute(text("SET lock_timeout = '5s'"))
            await end()
            found.append(await connection.scalar(text("SHOW lock_timeout")))
            await connection.rollback()
        assert found == ["0", "5s"]


async def claim_after_the_block(engine: AsyncEngine) -> None:
    """A revision that creates a table, uses `autocommit_block()` and then fails leaves the table, and its version is not recorded."""
    async with engine.connect() as connection:
        await clean(connection)
        failed = False
        try:
            await connection.run_sync(upgrade, BLOCK_BETWEEN)
        except DBAPIError:
            failed = True
        await connection.rollback()
        found = await connection.run_sync(tables)
        versions = (await connection.scalars(text("SELECT version_num FROM alembic_version"))).all()
        await connection.rollback()
        await clean(connection)
        assert failed
        assert "first_steps" in found
        assert not versions


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
