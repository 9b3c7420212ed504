# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0", "asyncpg"]
# ///
# also: asyncpg==0.31.*, asyncpg==0.30.*
# needs: pgbouncer
# raises: sqlalchemy.exc.DBAPIError
# drivers: asyncpg (psycopg's statements have other names: pgbouncer_prepared_statement_psycopg)
import asyncio
import os
import sys

import asyncpg.connection
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

DATABASE_URL = os.environ.get("DATABASE_URL") or sys.exit(
    "needs a PgBouncer in transaction mode: "
    "DATABASE_URL=postgresql+asyncpg://user:password@localhost:6432/test"
)


# --8<-- [start:engine]
def make_engine() -> AsyncEngine:
    return create_async_engine(
        DATABASE_URL,
    )


# --8<-- [end:engine]


# --8<-- [start:moved]
async def main() -> None:
    asyncpg.connection._uid = 0
    engine = make_engine()
    query = text("SELECT 'served'")
    try:
        async with engine.connect() as mine, engine.connect() as theirs:
            await mine.scalar(query)
            await mine.commit()  # PgBouncer has its connection back, and
            await theirs.scalar(text("SELECT 1"))  # gives it to somebody else.
            print(await mine.scalar(query))
    finally:
        await engine.dispose()


# --8<-- [end:moved]


if __name__ == "__main__":
    asyncio.run(main())
