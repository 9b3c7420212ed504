# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0.38", "alembic", "asyncpg", "psycopg[binary]"]
# ///
# raises: sqlalchemy.exc.ProgrammingError
# drivers: asyncpg, psycopg (SQLite cannot change the type of a column)
import asyncio
import os
import sys

from alembic.migration import MigrationContext
from alembic.operations import Operations
from sqlalchemy import Connection, Integer, text
from sqlalchemy.ext.asyncio import create_async_engine

DATABASE_URL = os.environ.get("DATABASE_URL") or sys.exit(
    "needs PostgreSQL: DATABASE_URL=postgresql+asyncpg://user:password@localhost/test"
)


# --8<-- [start:upgrade]
def upgrade(op: Operations) -> None:
    op.alter_column("parcels", "weight", type_=Integer())


# --8<-- [end:upgrade]


def migrate(connection: Connection) -> None:
    upgrade(Operations(MigrationContext.configure(connection)))


async def main() -> None:
    engine = create_async_engine(DATABASE_URL)
    try:
        async with engine.connect() as connection:
            await connection.execute(text("DROP TABLE IF EXISTS parcels"))
            await connection.execute(text("CREATE TABLE parcels (weight VARCHAR)"))
            await connection.execute(text("INSERT INTO parcels VALUES ('250')"))
            await connection.run_sync(migrate)
            # --8<-- [start:read]
            print(await connection.scalar(text("SELECT weight FROM parcels")))
            # --8<-- [end:read]
    finally:
        await engine.dispose()


if __name__ == "__main__":
    asyncio.run(main())
