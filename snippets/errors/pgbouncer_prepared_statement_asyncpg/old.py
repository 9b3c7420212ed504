# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0", "asyncpg"]
# ///
# needs: pgbouncer
# twin: errors/pgbouncer_prepared_statement_asyncpg/workers_breaks
# drivers: asyncpg (psycopg's statements have other names: pgbouncer_prepared_statement_psycopg)
# also: asyncpg==0.30.*, asyncpg==0.31.*
import asyncio
import os
import sys
from uuid import uuid4

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
        connect_args={
            "statement_cache_size": 0,
            "prepared_statement_cache_size": 0,
            "prepared_statement_name_func": lambda: f"__asyncpg_{uuid4()}__",
        },
    )


# --8<-- [end:engine]


# --8<-- [start:workers]
async def worker() -> None:
    asyncpg.connection._uid = 0  # Every process counts its statements from 1.
    engine = make_engine()
    try:
        async with engine.connect() as connection:
            print(await connection.scalar(text("SELECT 'served'")))
            #> served
            #> served
    finally:
        await engine.dispose()


async def main() -> None:
    await worker()
    await worker()  # The next process, on the same connection of the server.


# --8<-- [end:workers]


if __name__ == "__main__":
    asyncio.run(main())
