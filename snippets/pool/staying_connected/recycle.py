# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0", "asyncpg", "psycopg[binary]"]
# ///
# drivers: asyncpg, psycopg (SQLite has no connections that age)
import asyncio
import os
import sys

from sqlalchemy import text
from sqlalchemy.ext.asyncio import create_async_engine

DATABASE_URL = os.environ.get("DATABASE_URL") or sys.exit(
    "needs PostgreSQL: DATABASE_URL=postgresql+asyncpg://user:password@localhost/test"
)

engine = create_async_engine(DATABASE_URL, pool_recycle=1)


async def main() -> None:
    # --8<-- [start:old]
    async with engine.connect() as one, engine.connect() as two:
        await one.execute(text("SELECT 1"))
        await two.execute(text("SELECT 2"))
    await asyncio.sleep(1.5)  # Both are too old now, and both are in the pool.
    # --8<-- [end:old]
    # --8<-- [start:checkout]
    async with engine.connect() as connection:
        await connection.execute(text("SELECT 3"))
    print(f"{engine.pool.checkedin()} in the pool")  # type: ignore[attr-defined]
    #> 2 in the pool
    # --8<-- [end:checkout]
    await engine.dispose()


if __name__ == "__main__":
    asyncio.run(main())
