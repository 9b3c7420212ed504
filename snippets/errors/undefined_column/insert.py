# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0", "aiosqlite", "asyncpg", "psycopg[binary]"]
# ///
import asyncio
import os

from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection, create_async_engine

DATABASE_URL = os.environ.get("DATABASE_URL", "sqlite+aiosqlite:///greenlit.db")


# --8<-- [start:insert]
async def store(connection: AsyncConnection) -> None:
    try:
        await connection.execute(text("INSERT INTO users (nickname) VALUES ('ada')"))
    except DBAPIError as error:
        print("nickname" in str(error.orig))
        #> True


# --8<-- [end:insert]


async def main() -> None:
    engine = create_async_engine(DATABASE_URL)
    try:
        async with engine.connect() as connection:
            await connection.execute(text("DROP TABLE IF EXISTS users"))
            await connection.execute(text("CREATE TABLE users (id INTEGER PRIMARY KEY, name VARCHAR)"))
            await store(connection)
            await connection.rollback()
    finally:
        await engine.dispose()


if __name__ == "__main__":
    asyncio.run(main())
