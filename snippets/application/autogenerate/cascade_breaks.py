# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0.38", "alembic", "aiosqlite"]
# ///
# silent: the column has its new type, and all orders are deleted
# drivers: aiosqlite (PostgreSQL has the ALTER statements)
import asyncio
import os

import sqlalchemy as sa
from alembic.migration import MigrationContext
from alembic.operations import Operations
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

DATABASE_URL = os.environ.get("DATABASE_URL", "sqlite+aiosqlite:///greenlit.db")


# --8<-- [start:engine]
def engine_of_the_migrations() -> AsyncEngine:
    engine = create_async_engine(DATABASE_URL)
    sa.event.listen(engine.sync_engine, "connect", lambda dbapi, _: dbapi.execute("PRAGMA foreign_keys=ON"))
    return engine


# --8<-- [end:engine]


# --8<-- [start:upgrade]
def upgrade(op: Operations) -> None:
    with op.batch_alter_table("users") as batch_op:
        batch_op.alter_column("name", type_=sa.String(length=100))


# --8<-- [end:upgrade]


def run(connection: sa.Connection) -> None:
    upgrade(Operations(MigrationContext.configure(connection)))


async def send(engine: AsyncEngine, *statements: str) -> None:
    async with engine.begin() as connection:
        for statement in statements:
            await connection.execute(sa.text(statement))


async def main() -> None:
    engine = engine_of_the_migrations()
    try:
        await send(
            engine,
            "DROP TABLE IF EXISTS orders",
            "DROP TABLE IF EXISTS users",
            "CREATE TABLE users (id INTEGER PRIMARY KEY, name VARCHAR(50))",
            "CREATE TABLE orders (id INTEGER PRIMARY KEY, user_id INTEGER REFERENCES users (id) ON DELETE CASCADE)",
            "INSERT INTO users VALUES (1, 'Ada')",
            "INSERT INTO orders VALUES (1, 1)",
        )
        # --8<-- [start:read]
        async with engine.begin() as connection:
            await connection.run_sync(run)
        async with engine.connect() as connection:
            print("orders:", await connection.scalar(sa.text("SELECT count(*) FROM orders")))
            #> orders: 0
        # --8<-- [end:read]
        await send(engine, "DROP TABLE orders", "DROP TABLE users")
    finally:
        await engine.dispose()


if __name__ == "__main__":
    asyncio.run(main())
