# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0", "asyncpg", "psycopg[binary]"]
# ///
# also: asyncpg==0.31.*, asyncpg==0.30.*, psycopg==3.2.*
# drivers: asyncpg, psycopg (SQLite has no column type with a time zone)
import asyncio
import os
import sys
from datetime import UTC, datetime

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection, create_async_engine

DATABASE_URL = os.environ.get("DATABASE_URL") or sys.exit(
    "needs PostgreSQL: DATABASE_URL=postgresql+asyncpg://user:password@localhost/test"
)


# --8<-- [start:migrate]
async def migrate(connection: AsyncConnection) -> None:
    # Alembic: op.alter_column(..., type_=DateTime(timezone=True), postgresql_using="...").
    await connection.execute(
        text(
            "ALTER TABLE readings ALTER COLUMN taken_at TYPE TIMESTAMP WITH TIME ZONE"
            " USING taken_at AT TIME ZONE 'UTC'"
        )
    )
    taken_at = await connection.scalar(text("SELECT taken_at FROM readings"))
    print(taken_at == datetime(2026, 3, 1, 12, 0, tzinfo=UTC))
    #> True


# --8<-- [end:migrate]


async def main() -> None:
    engine = create_async_engine(DATABASE_URL)
    try:
        async with engine.begin() as connection:
            await connection.execute(text("SET LOCAL timezone = 'America/New_York'"))
            await connection.execute(text("DROP TABLE IF EXISTS readings"))
            await connection.execute(
                text("CREATE TABLE readings (taken_at TIMESTAMP WITHOUT TIME ZONE)")
            )
            await connection.execute(text("INSERT INTO readings VALUES ('2026-03-01 12:00')"))
            await migrate(connection)
    finally:
        await engine.dispose()


if __name__ == "__main__":
    asyncio.run(main())
