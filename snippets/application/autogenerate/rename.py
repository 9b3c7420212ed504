# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0.38", "alembic", "aiosqlite", "asyncpg", "psycopg[binary]"]
# ///
import asyncio
import os

import sqlalchemy as sa
from alembic.migration import MigrationContext
from alembic.operations import Operations
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

DATABASE_URL = os.environ.get("DATABASE_URL", "sqlite+aiosqlite:///greenlit.db")


# --8<-- [start:upgrade]
def upgrade(op: Operations) -> None:
    op.alter_column("users", "name", new_column_name="full_name")


# --8<-- [end:upgrade]


def run(connection: sa.Connection) -> None:
    upgrade(Operations(MigrationContext.configure(connection)))


# --8<-- [start:read]
async def read(engine: AsyncEngine) -> None:
    async with engine.connect() as connection:
        names = await connection.scalars(sa.text("SELECT full_name FROM users"))
        print(names.all())
        #> ['Ada']


# --8<-- [end:read]


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
            "CREATE TABLE users (id INTEGER PRIMARY KEY, name VARCHAR(50))",
            "INSERT INTO users (id, name) VALUES (1, 'Ada')",
        )
        async with engine.begin() as connection:
            await connection.run_sync(run)
        await read(engine)
        await send(engine, "DROP TABLE users")
    finally:
        await engine.dispose()


if __name__ == "__main__":
    asyncio.run(main())
