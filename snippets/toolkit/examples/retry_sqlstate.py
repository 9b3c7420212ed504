# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0", "aiosqlite", "asyncpg", "psycopg[binary]"]
# ///
import asyncio
import os

from retry import sqlstate
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import create_async_engine

DATABASE_URL = os.environ.get("DATABASE_URL", "sqlite+aiosqlite:///greenlit.db")


async def main() -> None:
    engine = create_async_engine(DATABASE_URL)
    # --8<-- [start:code]
    try:
        async with engine.connect() as connection:
            await connection.execute(text("SELECT * FROM nowhere"))
    except DBAPIError as error:
        # asyncpg and psycopg: undefined_table. SQLite has no such codes.
        expected = None if engine.dialect.name == "sqlite" else "42P01"
        print(sqlstate(error) == expected)
        #> True
    # --8<-- [end:code]
    await engine.dispose()


if __name__ == "__main__":
    asyncio.run(main())
