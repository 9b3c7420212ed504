# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0", "asyncpg", "psycopg[binary]"]
# ///
# also: asyncpg==0.31.*, asyncpg==0.30.*, psycopg==3.2.*
# drivers: asyncpg, psycopg (SQLite's parameters have no type)
import asyncio
import os
import sys

from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection, create_async_engine

DATABASE_URL = os.environ.get("DATABASE_URL") or sys.exit(
    "needs PostgreSQL: DATABASE_URL=postgresql+asyncpg://user:password@localhost/test"
)

# --8<-- [start:queries]
QUERIES = [
    "SELECT :name IS NULL",
    "SELECT concat(:name, '!')",
    "SELECT jsonb_build_object('name', :name)",
    "SELECT (:name, :name) = (1, CAST('Ada' AS TEXT))",
    "SELECT coalesce(:name, 'nobody')",
    "SELECT 1 WHERE 'nobody' = :name",
]


async def answer(connection: AsyncConnection, query: str) -> str:
    try:
        async with connection.begin():
            await connection.execute(text(query), {"name": "Ada"})
        return "accepted"
    except DBAPIError as error:
        return str(error.orig).splitlines()[0]


async def try_all(connection: AsyncConnection) -> None:
    for query in QUERIES:
        print(await answer(connection, query))
        #> could not determine data type of parameter $1
        #> could not determine data type of parameter $1
        #> could not determine data type of parameter $1
        #> inconsistent types deduced for parameter $1
        #> accepted
        #> accepted


# --8<-- [end:queries]


async def main() -> None:
    engine = create_async_engine(DATABASE_URL)
    try:
        async with engine.connect() as connection:
            await try_all(connection)
    finally:
        await engine.dispose()


if __name__ == "__main__":
    asyncio.run(main())
