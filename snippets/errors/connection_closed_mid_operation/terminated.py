# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0", "asyncpg", "psycopg[binary]"]
# ///
# drivers: asyncpg, psycopg (SQLite has no connection that could break)
import asyncio
import os
import sys

from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

DATABASE_URL = os.environ.get("DATABASE_URL") or sys.exit(
    "needs PostgreSQL: DATABASE_URL=postgresql+asyncpg://user:password@localhost/test"
)


# --8<-- [start:query]
async def query(engine: AsyncEngine) -> None:
    async with engine.connect() as connection:
        await connection.execute(text("SELECT pg_terminate_backend(pg_backend_pid())"))


# --8<-- [end:query]


async def main() -> None:
    engine = create_async_engine(DATABASE_URL)
    try:
        # --8<-- [start:caught]
        try:
            await query(engine)
        except DBAPIError as error:
            print("terminating connection due to administrator command" in str(error))
            #> True
            print(f"lost: {error.connection_invalidated}")
            #> lost: True
        # --8<-- [end:caught]
    finally:
        await engine.dispose()


if __name__ == "__main__":
    asyncio.run(main())
