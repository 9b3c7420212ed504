# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0", "alembic", "asyncpg", "psycopg[binary]"]
# ///
# drivers: asyncpg, psycopg (SQLite has no types to create)
import asyncio
import os
import sys
from collections.abc import Callable

import sqlalchemy as sa
from alembic.migration import MigrationContext
from alembic.operations import Operations
from sqlalchemy import Connection
from sqlalchemy.dialects import postgresql
from sqlalchemy.exc import ProgrammingError
from sqlalchemy.ext.asyncio import create_async_engine

DATABASE_URL = os.environ.get("DATABASE_URL") or sys.exit(
    "needs PostgreSQL: DATABASE_URL=postgresql+asyncpg://user:password@localhost/test"
)

# --8<-- [start:ways]
create = sa.Enum("NEW", "PAID", name="status")
reuse = postgresql.ENUM("NEW", "PAID", name="status", create_type=False)


def new_table(op: Operations) -> None:
    op.create_table("orders", sa.Column("status", create))


def new_table_reuse(op: Operations) -> None:
    op.create_table("orders", sa.Column("status", reuse))


def new_column(op: Operations) -> None:
    op.add_column("invoices", sa.Column("status", create))


def new_column_checkfirst(op: Operations) -> None:
    create.create(op.get_bind(), checkfirst=True)
    op.add_column("invoices", sa.Column("status", reuse))


# --8<-- [end:ways]


def outcome(connection: Connection, way: Callable[[Operations], None], exists: bool) -> str:
    with connection.begin() as transaction:
        connection.execute(sa.text("DROP TABLE IF EXISTS invoices, orders"))
        connection.execute(sa.text("DROP TYPE IF EXISTS status CASCADE"))
        connection.execute(sa.text("CREATE TABLE invoices (id INTEGER)"))
        if exists:
            create.create(connection)
        try:
            way(Operations(MigrationContext.configure(connection)))
        except ProgrammingError as error:
            return "already exists" if "already exists" in str(error) else "does not exist"
        finally:
            transaction.rollback()
    return "works"


async def main() -> None:
    engine = create_async_engine(DATABASE_URL)
    try:
        async with engine.connect() as connection:
            # --8<-- [start:table]
            print("upgrade() | the type is new | the type exists")
            #> upgrade() | the type is new | the type exists
            for way in (new_table, new_table_reuse, new_column, new_column_checkfirst):
                new = await connection.run_sync(outcome, way, False)
                old = await connection.run_sync(outcome, way, True)
                print(way.__name__, "|", new, "|", old)
                #> new_table | works | already exists
                #> new_table_reuse | does not exist | works
                #> new_column | does not exist | works
                #> new_column_checkfirst | works | works
            # --8<-- [end:table]
    finally:
        await engine.dispose()


if __name__ == "__main__":
    asyncio.run(main())
