# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0.38", "alembic", "asyncpg", "psycopg[binary]"]
# ///
# drivers: asyncpg, psycopg (SQLite locks the whole file)
# silent: every query on the table waits for a migration that waits itself
import asyncio
import os
import sys

import sqlalchemy as sa
from alembic.migration import MigrationContext
from alembic.operations import Operations
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine

DATABASE_URL = os.environ.get("DATABASE_URL") or sys.exit(
    "needs PostgreSQL: DATABASE_URL=postgresql+asyncpg://user:password@localhost/test"
)


# --8<-- [start:migrate]
def migrate(connection: sa.Connection) -> None:
    op = Operations(MigrationContext.configure(connection))
    op.add_column("users", sa.Column("age", sa.Integer))


# --8<-- [end:migrate]


async def outcome(connection: AsyncConnection) -> str:
    try:
        await connection.run_sync(migrate)
    except DBAPIError as error:
        return f"gave up: {getattr(error.orig, 'sqlstate', None)}"
    return "changed the table"


async def until_it_waits(migrating: asyncio.Task[str], connection: AsyncConnection) -> None:
    waiting = sa.text(
        "SELECT count(*) FROM pg_locks JOIN pg_database ON pg_database.oid = pg_locks.database"
        " WHERE datname = current_database() AND NOT granted AND relation = to_regclass('users')"
    )
    while not migrating.done() and not await connection.scalar(waiting):
        await asyncio.sleep(0.01)


# --8<-- [start:deploy]
async def deploy(engine: AsyncEngine) -> None:
    async with engine.connect() as report, engine.connect() as migration, engine.connect() as request:
        await report.execute(sa.text("SELECT * FROM users"))  # And goes on for an hour.
        migrating = asyncio.create_task(outcome(migration))
        await until_it_waits(migrating, request)
        # Much more than a lock_timeout of 200 ms, so that a busy machine does not decide.
        await request.execute(sa.text("SET LOCAL statement_timeout = '5s'"))
        try:
            names = await request.scalars(sa.text("SELECT name FROM users"))
            print("the request reads", names.all())
        except DBAPIError as error:
            print("the request fails:", getattr(error.orig, "sqlstate", None))
            #> the request fails: 57014
        await report.rollback()
        print("the migration", await migrating)
        #> the migration changed the table


# --8<-- [end:deploy]


async def send(engine: AsyncEngine, *statements: str) -> None:
    async with engine.begin() as connection:
        for statement in statements:
            await connection.execute(sa.text(statement))


async def main() -> None:
    engine = create_async_engine(DATABASE_URL)
    try:
        await send(
            engine,
            "DROP TABLE IF EXISTS users",
            "CREATE TABLE users (id integer PRIMARY KEY, name text)",
            "INSERT INTO users VALUES (1, 'Ada')",
        )
        await deploy(engine)
        await send(engine, "DROP TABLE users")
    finally:
        await engine.dispose()


if __name__ == "__main__":
    asyncio.run(main())
