# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0.38", "alembic", "aiosqlite"]
# ///
# drivers: aiosqlite (PostgreSQL has the ALTER statements)
import asyncio
import io
import os
import tempfile
from contextlib import redirect_stdout
from pathlib import Path

import sqlalchemy as sa
from alembic import command
from alembic.config import Config
from sqlalchemy.ext.asyncio import create_async_engine

DATABASE_URL = os.environ.get("DATABASE_URL", "sqlite+aiosqlite:///greenlit.db")

# --8<-- [start:env]
ENV = """
from alembic import context

given = context.config.attributes
context.configure(connection=given["connection"], target_metadata=given["metadata"], render_as_batch=True)
with context.begin_transaction():
    context.run_migrations()
"""
# --8<-- [end:env]

metadata = sa.MetaData()
sa.Table("users", metadata, sa.Column("id", sa.Integer, primary_key=True), sa.Column("name", sa.String(100)))


def autogenerate(connection: sa.Connection) -> str:
    """The code of `upgrade()`, up to the column's name."""
    with tempfile.TemporaryDirectory() as folder, redirect_stdout(io.StringIO()):
        config = Config(Path(folder, "alembic.ini"))
        command.init(config, str(Path(folder, "migrations")), template="generic")
        Path(folder, "migrations", "env.py").write_text(ENV)
        config.attributes.update(connection=connection, metadata=metadata)
        command.revision(config, autogenerate=True)
        (revision,) = Path(folder, "migrations", "versions").glob("*.py")
        lines = revision.read_text().partition("def downgrade")[0].splitlines()
    return " ".join(line.strip() for line in lines if "batch_" in line)


async def main() -> None:
    engine = create_async_engine(DATABASE_URL)
    try:
        async with engine.begin() as connection:
            await connection.execute(sa.text("DROP TABLE IF EXISTS users"))
            create = "CREATE TABLE users (id INTEGER NOT NULL PRIMARY KEY, name VARCHAR(50))"
            await connection.execute(sa.text(create))
        # --8<-- [start:code]
        async with engine.begin() as connection:
            print(await connection.run_sync(autogenerate))
            #> with op.batch_alter_table('users', schema=None) as batch_op: batch_op.alter_column('name',
        # --8<-- [end:code]
        async with engine.begin() as connection:
            await connection.execute(sa.text("DROP TABLE users"))
            await connection.execute(sa.text("DROP TABLE IF EXISTS alembic_version"))
    finally:
        await engine.dispose()


if __name__ == "__main__":
    asyncio.run(main())
