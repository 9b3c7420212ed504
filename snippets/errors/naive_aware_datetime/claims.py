# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0.38", "aiosqlite", "asyncpg", "psycopg[binary]"]
# ///
# also: asyncpg==0.31.*, asyncpg==0.30.*, psycopg==3.2.*
# drivers: asyncpg, psycopg (SQLite has no column type with a time zone)
import asyncio
import os
import sys
import traceback
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta

from sqlalchemy import (
    Column,
    DateTime,
    Dialect,
    MetaData,
    Table,
    TypeDecorator,
    bindparam,
    insert,
    select,
    text,
)
from sqlalchemy.exc import StatementError
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

DATABASE_URL = os.environ.get("DATABASE_URL") or sys.exit(
    "needs PostgreSQL: DATABASE_URL=postgresql+asyncpg://user:password@localhost/test"
)
NOON = datetime(2026, 1, 15, 12, 0, tzinfo=UTC)
IN_NEW_YORK = text("SET LOCAL timezone = 'America/New_York'")


async def claim_migration_without_using(engine: AsyncEngine) -> None:
    """Without `USING`, the migration takes the stored hours for hours of the session's time zone: with New York, 12:00 becomes 17:00 UTC."""
    async with engine.begin() as connection:
        await connection.execute(IN_NEW_YORK)
        await connection.execute(text("CREATE TEMPORARY TABLE readings (taken_at TIMESTAMP)"))
        await connection.execute(text("INSERT INTO readings VALUES ('2026-01-15 12:00')"))
        await connection.execute(text("ALTER TABLE readings ALTER taken_at TYPE TIMESTAMP WITH TIME ZONE"))
        taken_at = await connection.scalar(text("SELECT taken_at FROM readings"))
        assert taken_at == NOON.replace(hour=17)


async def claim_model_without_migration(engine: AsyncEngine) -> None:
    """If you change the model and not the table, no error comes, the value is stored as an hour of the session's time zone, and it comes back naive."""
    async with engine.begin() as connection:
        await connection.execute(IN_NEW_YORK)
        await connection.execute(text("CREATE TEMPORARY TABLE readings (taken_at TIMESTAMP)"))
        insert = text("INSERT INTO readings VALUES (:noon)").bindparams(
            bindparam("noon", NOON, DateTime(timezone=True))
        )
        await connection.execute(insert)
        taken_at = await connection.scalar(text("SELECT taken_at FROM readings"))
        assert taken_at == datetime(2026, 1, 15, 7, 0)


class Moment(TypeDecorator[datetime]):
    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value and value.tzinfo is None:
            raise ValueError(f"{value} has no time zone")
        return value and value.astimezone(UTC)


async def claim_timedelta(engine: AsyncEngine) -> None:
    """With such a type, `Reading.taken_at + timedelta(hours=1)` in a query raises a `StatementError`. Calculate in Python instead: `Reading.taken_at > now - timedelta(hours=1)`."""
    readings = Table("readings", MetaData(), Column("taken_at", Moment), prefixes=["TEMPORARY"])
    hour, now, error = timedelta(hours=1), NOON + timedelta(minutes=30), None
    async with engine.begin() as connection:
        await connection.run_sync(readings.create)
        await connection.execute(insert(readings).values(taken_at=NOON))
        try:
            await connection.execute(select(readings).where(readings.c.taken_at + hour > now))
        except StatementError as raised:
            error = raised
        assert "'datetime.timedelta' object has no attribute 'tzinfo'" in str(error)
        assert await connection.scalar(select(readings).where(readings.c.taken_at > now - hour)) == NOON


async def claim_naive_utc(engine: AsyncEngine) -> None:
    """`moment.astimezone(UTC).replace(tzinfo=None)` is accepted for a column without time zone, and stored as it is."""
    naive = NOON.astimezone(UTC).replace(tzinfo=None)
    async with engine.begin() as connection:
        await connection.execute(text("CREATE TEMPORARY TABLE readings (taken_at TIMESTAMP)"))
        insert = text("INSERT INTO readings VALUES (:noon)").bindparams(bindparam("noon", naive, DateTime()))
        await connection.execute(insert)
        assert await connection.scalar(text("SELECT taken_at FROM readings")) == naive


async def reason_against(claim: Callable[[AsyncEngine], Awaitable[None]]) -> str:
    """Why a claim does not hold here, or nothing."""
    engine = create_async_engine(DATABASE_URL)
    try:
        await claim(engine)
    except Exception as error:
        line = traceback.extract_tb(error.__traceback__)[-1].line
        return f"{type(error).__name__}: {str(error).partition(chr(10))[0] or line}"
    finally:
        await engine.dispose()
    return ""


async def main() -> None:
    for name, claim in list(globals().items()):
        if name.startswith("claim_"):
            sentence, against = " ".join(claim.__doc__.split()), await reason_against(claim)
            print(f"does not hold: {sentence} ({against})" if against else f"holds: {sentence}")


if __name__ == "__main__":
    asyncio.run(main())
