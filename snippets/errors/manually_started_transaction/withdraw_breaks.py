# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0", "asyncpg"]
# ///
# raises: sqlalchemy.exc.InterfaceError
# drivers: asyncpg (the message is asyncpg's; psycopg ends such a transaction when the connection returns to the pool)
import asyncio
import os
import sys

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

DATABASE_URL = os.environ.get("DATABASE_URL") or sys.exit(
    "needs PostgreSQL: DATABASE_URL=postgresql+asyncpg://user:password@localhost/test"
)
TAKE = text("UPDATE accounts SET cents = cents - 500 WHERE id = 1 RETURNING cents")


# --8<-- [start:withdraw]
async def withdraw(engine: AsyncEngine) -> None:
    autocommit = engine.execution_options(isolation_level="AUTOCOMMIT")
    async with autocommit.connect() as connection:
        await connection.execute(text("BEGIN"))
        if await connection.scalar(TAKE) < 0:
            print("not enough money")
            #> not enough money
            return
        await connection.execute(text("COMMIT"))


# --8<-- [end:withdraw]


# --8<-- [start:next]
async def next_request(engine: AsyncEngine) -> None:
    async with engine.connect() as connection:
        print("cents:", await connection.scalar(text("SELECT cents FROM accounts")))


# --8<-- [end:next]


async def main() -> None:
    engine = create_async_engine(DATABASE_URL)
    try:
        async with engine.begin() as connection:
            await connection.execute(text("DROP TABLE IF EXISTS accounts"))
            await connection.execute(text("CREATE TABLE accounts AS SELECT 1 AS id, 100 AS cents"))
        await withdraw(engine)
        await next_request(engine)
    finally:
        await engine.dispose()


if __name__ == "__main__":
    asyncio.run(main())
