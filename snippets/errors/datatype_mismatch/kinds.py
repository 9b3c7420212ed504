# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0.38", "asyncpg", "psycopg[binary]"]
# ///
# drivers: asyncpg, psycopg (SQLite stores each of these)
import asyncio
import os
import sys
from typing import Any

from sqlalchemy import Boolean, Column, DateTime, Integer, MetaData, String, Table, insert, text
from sqlalchemy.dialects.postgresql import JSONB, UUID
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection, create_async_engine
from sqlalchemy.types import TypeEngine

DATABASE_URL = os.environ.get("DATABASE_URL") or sys.exit(
    "needs PostgreSQL: DATABASE_URL=postgresql+asyncpg://user:password@localhost/test"
)

# --8<-- [start:values]
WRONG: dict[str, tuple[TypeEngine[Any], TypeEngine[Any], object]] = {
    "document": (JSONB(), String(), '{"a": 1}'),
    "sent_at": (DateTime(), String(), "2026-01-31"),
    "key": (UUID(), String(), "0d8b72c4-b548-4c7d-9667-61d9e5cb7c7d"),
    "paid": (Boolean(), Integer(), 1),
}  # The column: its type in the database, its type in the model, and a value.
# --8<-- [end:values]


async def text_of(connection: AsyncConnection, name: str) -> str:
    there, here, value = WRONG[name]
    await connection.run_sync(Table("parcels", MetaData(), Column(name, there)).create)
    error = None
    try:
        await connection.execute(insert(Table("parcels", MetaData(), Column(name, here))), {name: value})
    except DBAPIError as raised:
        error = raised
    await connection.rollback()
    return str(error and error.orig).rpartition(">: ")[2].partition("\n")[0]


async def main() -> None:
    engine = create_async_engine(DATABASE_URL)
    try:
        async with engine.begin() as connection:
            await connection.execute(text("DROP TABLE IF EXISTS parcels"))
        async with engine.connect() as connection:
            found = [await text_of(connection, name) for name in WRONG]
        # --8<-- [start:print]
        print("\n".join(found))
        """
        column "document" is of type jsonb but expression is of type character varying
        column "sent_at" is of type timestamp without time zone but expression is of type character varying
        column "key" is of type uuid but expression is of type character varying
        column "paid" is of type boolean but expression is of type integer
        """
        # --8<-- [end:print]
    finally:
        await engine.dispose()


if __name__ == "__main__":
    asyncio.run(main())
