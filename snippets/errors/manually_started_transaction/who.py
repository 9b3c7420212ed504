# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0", "asyncpg"]
# ///
# drivers: asyncpg (psycopg ends such a transaction when the connection returns to the pool)
import asyncio
import os
import sys

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

DATABASE_URL = os.environ.get("DATABASE_URL") or sys.exit(
    "needs PostgreSQL: DATABASE_URL=postgresql+asyncpg://user:password@localhost/test"
)
TAKE = text("UPDATE accounts SET cents = cents - 500 WHERE id = 1 RETURNING cents")

# --8<-- [start:ask]
IDLE = text(
    "SELECT query FROM pg_stat_activity WHERE state LIKE 'idle in transaction%'"
    " AND datname = current_database() AND pid != pg_backend_pid()"
)
# --8<-- [end:ask]


async def withdraw(engine: AsyncEngine) -> None:
    """The twin's, of withdraw_breaks.py."""
    autocommit = engine.execution_options(isolation_level="AUTOCOMMIT")
    async with autocommit.connect() as connection:
        await connection.execute(text("BEGIN"))
        if await connection.scalar(TAKE) < 0:
            return
        await connection.execute(text("COMMIT"))


# --8<-- [start:find]
async def find(engine: AsyncEngine) -> None:
    async with engine.connect() as connection:
        for query in await connection.scalars(IDLE):
            print(query)
            #> UPDATE accounts SET cents = cents - 500 WHERE id = 1 RETURNING cents


# --8<-- [end:find]


async def main() -> None:
    engine, other = create_async_engine(DATABASE_URL), create_async_engine(DATABASE_URL)
    try:
        async with engine.begin() as connection:
            await connection.execute(text("DROP TABLE IF EXISTS accounts"))
            await connection.execute(text("CREATE TABLE accounts AS SELECT 1 AS id, 100 AS cents"))
        await withdraw(engine)
        await find(other)
    finally:
        await engine.dispose()
        await other.dispose()


if __name__ == "__main__":
    asyncio.run(main())
