# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0.38", "alembic", "asyncpg", "psycopg[binary]"]
# ///
# drivers: asyncpg, psycopg (SQLite changes a constraint in batch mode only)
import asyncio
import os
import sys

import sqlalchemy as sa
from alembic.migration import MigrationContext
from alembic.operations import Operations
from sqlalchemy.ext.asyncio import create_async_engine

DATABASE_URL = os.environ.get("DATABASE_URL") or sys.exit(
    "needs PostgreSQL: DATABASE_URL=postgresql+asyncpg://user:password@localhost/test"
)


# --8<-- [start:upgrade]
def upgrade(op: Operations) -> None:
    op.create_check_constraint("ck_users_age", "users", "age >= 0")
    op.drop_constraint("users_pkey", "users", type_="primary")
    op.create_primary_key("users_pkey", "users", ["id", "age"])
    op.rename_table("users", "people")


# --8<-- [end:upgrade]


def run(connection: sa.Connection) -> None:
    upgrade(Operations(MigrationContext.configure(connection)))
    found = sa.inspect(connection)
    assert [check["name"] for check in found.get_check_constraints("people")] == ["ck_users_age"]
    assert found.get_pk_constraint("people")["constrained_columns"] == ["id", "age"]


async def main() -> None:
    engine = create_async_engine(DATABASE_URL)
    try:
        async with engine.begin() as connection:
            await connection.execute(sa.text("DROP TABLE IF EXISTS users, people"))
            await connection.execute(sa.text("CREATE TABLE users (id SERIAL PRIMARY KEY, age INTEGER)"))
            await connection.execute(sa.text("INSERT INTO users (age) VALUES (36)"))
        async with engine.begin() as connection:
            await connection.run_sync(run)
            assert await connection.scalar(sa.text("SELECT age FROM people")) == 36
            await connection.execute(sa.text("DROP TABLE people"))
    finally:
        await engine.dispose()


if __name__ == "__main__":
    asyncio.run(main())
