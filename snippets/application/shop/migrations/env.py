"""What Alembic runs: with the application's own settings, engine and models."""

import asyncio
import logging
import time
from typing import Any

from alembic import context
from sqlalchemy import Connection, NullPool, text

import app.models  # noqa: F401  What is not imported here, autogenerate would drop.
from app.database import Base, make_engine
from app.settings import Settings

LOCK = 7_346_120_598
"""Of two that upgrade at once, one waits for the other. Any number, as long as it is the same."""

OPTIONS: dict[str, Any] = {
    "target_metadata": Base.metadata,
    "compare_server_default": True,
    # A revision that fails takes back itself, and not those before it.
    "transaction_per_migration": True,
}


def run_offline(settings: Settings) -> None:
    """`alembic upgrade head --sql` writes what it would send."""
    context.configure(
        url=settings.database_url,
        literal_binds=True,
        dialect_opts={"paramstyle": "named"},
        **OPTIONS,
    )
    with context.begin_transaction():
        context.run_migrations()


async def run_online(settings: Settings) -> None:
    engine = make_engine(settings, poolclass=NullPool)
    try:
        async with engine.connect() as connection:
            await connection.run_sync(migrate)
    finally:
        await engine.dispose()


def migrate(connection: Connection) -> None:
    if connection.dialect.name == "postgresql":
        # An ALTER TABLE that waits for a lock keeps all others waiting behind it: not for long.
        connection.execute(text("SET lock_timeout = '5s'"))
        connection.execute(text("SET statement_timeout = 0"))
        connection.commit()
        wait_for_others(connection)
    context.configure(connection=connection, **OPTIONS)
    with context.begin_transaction():
        context.run_migrations()


def wait_for_others(connection: Connection) -> None:
    # Asked again and again: one that waits inside PostgreSQL would keep CREATE INDEX CONCURRENTLY,
    # which waits for older transactions to end, from ending.
    while not connection.scalar(text("SELECT pg_try_advisory_lock(:key)"), {"key": LOCK}):
        connection.commit()
        time.sleep(0.2)
    connection.commit()  # The lock stays until the connection is closed.


logging.basicConfig(level=logging.INFO, format="%(message)s")  # Each revision that is run.
if context.is_offline_mode():
    run_offline(Settings())
elif (given := context.config.attributes.get("connection")) is not None:
    migrate(given)  # A test has handed its own.
else:
    asyncio.run(run_online(Settings()))
