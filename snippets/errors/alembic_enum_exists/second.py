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
from sqlalchemy.dialects import postgresql
from sqlalchemy.ext.asyncio import create_async_engine

DATABASE_URL = os.environ.get("DATABASE_URL") or sys.exit(
    "needs PostgreSQL: DATABASE_URL=postgresql+asyncpg://user:password@localhost/test"
)


# --8<-- [start:first]
def upgrade_to_1(op: Operations) -> None:
    status = sa.Enum("NEW", "PAID", name="status")
    op.create_table("orders", sa.Column("status", status))


# --8<-- [end:first]


# --8<-- [start:second]
def upgrade_to_2(op: Operations) -> None:
    status = postgresql.ENUM("NEW", "PAID", name="status", create_type=False)
    op.create_table("invoices", sa.Column("status", status))


# --8<-- [end:second]


def upgrade(connection: Connection) -> None:
    for deployed in (upgrade_to_1, upgrade_to_2):
        deployed(Operations(MigrationContext.configure(connection)))


async def main() -> None:
    engine = create_async_engine(DATABASE_URL)
    try:
        async with engine.connect() as connection:  # It commits nothing.
            await connection.execute(sa.text("DROP TABLE IF EXISTS orders, invoices"))
            await connection.execute(sa.text("DROP TYPE IF EXISTS status CASCADE"))
            await connection.run_sync(upgrade)
    finally:
        await engine.dispose()


if __name__ == "__main__":
    asyncio.run(main())
