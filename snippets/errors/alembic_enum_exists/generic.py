# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0", "alembic", "asyncpg", "psycopg[binary]"]
# ///
# drivers: asyncpg, psycopg (SQLite has no types to create)
import asyncio
import os
import sys

import sqlalchemy as sa
from alembic.migration import MigrationContext
from alembic.operations import Operations
from sqlalchemy import Connection
from sqlalchemy.exc import ProgrammingError
from sqlalchemy.ext.asyncio import create_async_engine

DATABASE_URL = os.environ.get("DATABASE_URL") or sys.exit(
    "needs PostgreSQL: DATABASE_URL=postgresql+asyncpg://user:password@localhost/test"
)


# --8<-- [start:generic]
def upgrade(op: Operations) -> None:
    status = sa.Enum("NEW", "PAID", name="status", create_type=False)
    op.create_table("invoices", sa.Column("status", status))


def run(connection: Connection) -> None:
    try:
        upgrade(Operations(MigrationContext.configure(connection)))
        print("works")
        #> works
    except ProgrammingError:
        print("the type is created nevertheless")


# --8<-- [end:generic]


async def main() -> None:
    engine = create_async_engine(DATABASE_URL)
    try:
        async with engine.connect() as connection:
            await connection.execute(sa.text("DROP TABLE IF EXISTS invoices"))
            await connection.execute(sa.text("DROP TYPE IF EXISTS status CASCADE"))
            await connection.execute(sa.text("CREATE TYPE status AS ENUM ('NEW', 'PAID')"))
            await connection.run_sync(run)
    finally:
        await engine.dispose()


if __name__ == "__main__":
    asyncio.run(main())
