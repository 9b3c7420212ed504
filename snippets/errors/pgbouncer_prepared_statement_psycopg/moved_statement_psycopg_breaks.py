# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0", "psycopg[binary]"]
# ///
# also: psycopg==3.2.*
# needs: pgbouncer
# raises: sqlalchemy.exc.ProgrammingError
# drivers: psycopg (asyncpg's statements have other names: pgbouncer_prepared_statement_asyncpg)
import asyncio
import os
import sys

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

DATABASE_URL = os.environ.get("DATABASE_URL") or sys.exit(
    "needs a PgBouncer in transaction mode: "
    "DATABASE_URL=postgresql+psycopg://user:password@localhost:6432/test"
)


# --8<-- [start:engine]
def make_engine() -> AsyncEngine:
    return create_async_engine(
        DATABASE_URL,
    )


# --8<-- [end:engine]


# --8<-- [start:moved]
async def main() -> None:
    engine = make_engine()
    query = text("SELECT 'served'")
    try:
        async with engine.connect() as mine, engine.connect() as theirs:
            for _ in range(6):
                await mine.scalar(query)
                await mine.commit()  # PgBouncer has its connection back, and
            await theirs.scalar(text("SELECT 1"))  # gives it to somebody else.
            print(await mine.scalar(query))
    finally:
        await engine.dispose()


# --8<-- [end:moved]


if __name__ == "__main__":
    asyncio.run(main())
