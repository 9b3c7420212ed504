# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0", "asyncpg", "psycopg[binary]"]
# ///
# also: asyncpg==0.31.*, asyncpg==0.30.*, psycopg==3.2.*
# drivers: asyncpg, psycopg (on SQLite a failed statement does not end the transaction)
import asyncio
import os
import sys

from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncSession, create_async_engine

DATABASE_URL = os.environ.get("DATABASE_URL") or sys.exit(
    "needs PostgreSQL: DATABASE_URL=postgresql+asyncpg://user:password@localhost/test"
)


# --8<-- [start:code]
async def codes(session: AsyncSession) -> None:
    for statement in ("SELECT visits FROM statistics", "SELECT 1"):
        try:
            await session.execute(text(statement))
        except DBAPIError as error:
            print(getattr(error.orig, "sqlstate", None))
            #> 42P01
            #> 25P02


# --8<-- [end:code]


async def main() -> None:
    engine = create_async_engine(DATABASE_URL)
    try:
        async with AsyncSession(engine) as session:
            await codes(session)
    finally:
        await engine.dispose()


if __name__ == "__main__":
    asyncio.run(main())
