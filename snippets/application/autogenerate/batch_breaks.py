# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0.38", "alembic", "aiosqlite"]
# ///
# drivers: aiosqlite (PostgreSQL has the ALTER statements)
# raises: sqlalchemy.exc.OperationalError
import asyncio
import os

import sqlalchemy as sa
from alembic.migration import MigrationContext
from alembic.operations import Operations
from sqlalchemy.ext.asyncio import create_async_engine

DATABASE_URL = os.environ.get("DATABASE_URL", "sqlite+aiosqlite:///greenlit.db")


# --8<-- [start:upgrade]
def upgrade(op: Operations) -> None:
    op.alter_column("users", "name", type_=sa.String(length=100))


# --8<-- [end:upgrade]


def run(connection: sa.Connection) -> None:
    upgrade(Operations(MigrationContext.configure(connection)))


async def main() -> None:
    engine = create_async_engine(DATABASE_URL)
    try:
        async with engine.begin() as connection:
            await connection.execute(sa.text("DROP TABLE IF EXISTS users"))
            await connection.execute(sa.text("CREATE TABLE users (id INTEGER PRIMARY KEY, name VARCHAR(50))"))
            await connection.execute(sa.text("INSERT INTO users VALUES (1, 'Ada')"))
        async with engine.begin() as connection:
            await connection.run_sync(run)
            print((await connection.execute(sa.text("SELECT * FROM users"))).all())
            await connection.execute(sa.text("DROP TABLE users"))
    finally:
        await engine.dispose()


if __name__ == "__main__":
    asyncio.run(main())
