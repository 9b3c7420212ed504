# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0", "psycopg[binary]"]
# ///
# also: psycopg==3.2.*
# needs: pgbouncer
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
        connect_args={"prepare_threshold": None},
    )


# --8<-- [end:engine]


# --8<-- [start:workers]
async def worker() -> None:
    engine = make_engine()
    try:
        async with engine.connect() as connection:
            for _ in range(6):
                await connection.execute(text("SELECT 'served'"))
                await connection.commit()
    finally:
        await engine.dispose()


async def main() -> None:
    await worker()
    await worker()  # The next process, on the same connection of the server.


# --8<-- [end:workers]


if __name__ == "__main__":
    asyncio.run(main())
