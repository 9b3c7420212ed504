# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0", "asyncpg", "psycopg[binary]"]
# ///
# also: asyncpg==0.31.*, asyncpg==0.30.*, psycopg==3.2.*
# drivers: asyncpg, psycopg (SQLite has no statements prepared on a server)
import asyncio
import os
import sys

from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

DATABASE_URL = os.environ.get("DATABASE_URL") or sys.exit(
    "needs PostgreSQL: DATABASE_URL=postgresql+asyncpg://user:password@localhost/test"
)

# --8<-- [start:changes]
CASES = [
    ("ADD COLUMN age INTEGER", "SELECT id, name FROM users"),
    ("ADD COLUMN age INTEGER", "SELECT * FROM users"),
    ("ALTER COLUMN name TYPE VARCHAR(50)", "SELECT id, name FROM users"),
    ("ALTER COLUMN id TYPE BIGINT", "SELECT id, name FROM users"),
    ("DROP COLUMN name", "SELECT id FROM users"),
]


async def answer(application: AsyncEngine, migration: AsyncEngine, change: str, query: str) -> str:
    async with migration.begin() as connection:
        await connection.execute(text("DROP TABLE IF EXISTS users"))
        await connection.execute(text("CREATE TABLE users (id INTEGER, name VARCHAR(20))"))
    for _ in range(6):
        async with application.begin() as connection:
            await connection.execute(text(query))
    async with migration.begin() as connection:
        await connection.execute(text(f"ALTER TABLE users {change}"))
    try:
        async with application.connect() as connection:
            await connection.execute(text(query))
        return "goes on"
    except DBAPIError as error:
        return type(error).__name__


# --8<-- [end:changes]


# --8<-- [start:try]
async def main() -> None:
    print("migration | query | the next execution")
    #> migration | query | the next execution
    for change, query in CASES:
        application, migration = create_async_engine(DATABASE_URL), create_async_engine(
            DATABASE_URL
        )
        try:
            print(change, "|", query, "|", await answer(application, migration, change, query))
            #> ADD COLUMN age INTEGER | SELECT id, name FROM users | goes on
            #> ADD COLUMN age INTEGER | SELECT * FROM users | NotSupportedError
            #> ALTER COLUMN name TYPE VARCHAR(50) | SELECT id, name FROM users | NotSupportedError
            #> ALTER COLUMN id TYPE BIGINT | SELECT id, name FROM users | NotSupportedError
            #> DROP COLUMN name | SELECT id FROM users | goes on
        finally:
            await application.dispose()
            await migration.dispose()


# --8<-- [end:try]


if __name__ == "__main__":
    asyncio.run(main())
