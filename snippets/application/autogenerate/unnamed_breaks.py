# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0.38", "alembic", "asyncpg", "psycopg[binary]"]
# ///
# drivers: asyncpg, psycopg (SQLite changes a constraint in batch mode only)
# raises: sqlalchemy.exc.CompileError
import asyncio
import os
import sys

import sqlalchemy as sa
from alembic.autogenerate import produce_migrations, render_python_code
from alembic.migration import MigrationContext
from alembic.operations import Operations
from alembic.operations.ops import DowngradeOps, MigrationScript, UpgradeOps
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

DATABASE_URL = os.environ.get("DATABASE_URL") or sys.exit(
    "needs PostgreSQL: DATABASE_URL=postgresql+asyncpg://user:password@localhost/test"
)

# --8<-- [start:metadata]
metadata = sa.MetaData()
# --8<-- [end:metadata]

# --8<-- [start:model]
users = sa.Table(
    "users",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("email", sa.String, unique=True),  # `unique=True` is the change.
)
# --8<-- [end:model]


# --8<-- [start:run]
def migrate(context: MigrationContext, operations: UpgradeOps | DowngradeOps | None) -> None:
    """Run the code as autogenerate writes it."""
    assert operations is not None
    code = render_python_code(operations)
    print(code.splitlines()[1].strip())
    #> op.create_unique_constraint(None, 'users', ['email'])
    #> # WARNING: constraint name is None; this directive will fail as
    exec("if True:\n    " + code, {"op": Operations(context), "sa": sa})


# --8<-- [end:run]


def autogenerate(context: MigrationContext) -> MigrationScript:
    return produce_migrations(context, metadata)


# --8<-- [start:migrate]
def up_and_down(connection: sa.Connection) -> None:
    context = MigrationContext.configure(connection)
    script = autogenerate(context)
    migrate(context, script.upgrade_ops)
    migrate(context, script.downgrade_ops)


# --8<-- [end:migrate]


async def send(engine: AsyncEngine, *statements: str) -> None:
    async with engine.begin() as connection:
        for statement in statements:
            await connection.execute(sa.text(statement))


async def main() -> None:
    engine = create_async_engine(DATABASE_URL)
    try:
        await send(engine, "DROP TABLE IF EXISTS users", "CREATE TABLE users (id SERIAL PRIMARY KEY, email VARCHAR)")
        async with engine.begin() as connection:
            await connection.run_sync(up_and_down)
        print("up and down")
    finally:
        await send(engine, "DROP TABLE users")
        await engine.dispose()


if __name__ == "__main__":
    asyncio.run(main())
