# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0", "asyncpg", "psycopg[binary]"]
# ///
# drivers: asyncpg, psycopg (SQLite has no roles)
# needs: server
import asyncio
import os
import sys

from sqlalchemy import URL, make_url, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection, create_async_engine

DATABASE_URL = os.environ.get("DATABASE_URL") or sys.exit(
    "needs a PostgreSQL of its own with 12 connections: "
    "DATABASE_URL=postgresql+asyncpg://user:password@localhost/test"
)

HERE = make_url(DATABASE_URL)


async def attempt(url: URL) -> str:
    engine = create_async_engine(url)
    try:
        async with engine.connect() as connection:
            return str(await connection.scalar(text("SELECT current_user")))
    except DBAPIError as error:
        said = str(error.orig).rpartition("FATAL:")[2].splitlines()[0].strip()
        return said.replace(str(HERE.database), "shop")
    finally:
        await engine.dispose()


async def on_database(connection: AsyncConnection, statement: str) -> None:
    name = await connection.scalar(text("SELECT quote_ident(current_database())"))
    await connection.execute(text(statement.format(name)))


async def main() -> None:
    admin = create_async_engine(HERE)
    try:
        async with admin.begin() as connection:
            # --8<-- [start:roles]
            await on_database(connection, "REVOKE CONNECT ON DATABASE {} FROM PUBLIC")
            await connection.execute(text("CREATE ROLE greenlit_reader"))
            await connection.execute(text("CREATE ROLE greenlit_app LOGIN"))
            # --8<-- [end:roles]
        # --8<-- [start:texts]
        print(await attempt(HERE.set(database="no_such_shop")))
        #> database "no_such_shop" does not exist
        print(await attempt(HERE.set(username="nobody")))
        #> role "nobody" does not exist
        print(await attempt(HERE.set(username="greenlit_reader")))
        #> role "greenlit_reader" is not permitted to log in
        print(await attempt(HERE.set(username="greenlit_app")))
        #> permission denied for database "shop"
        # --8<-- [end:texts]
        # --8<-- [start:no-user]
        os.environ["PGUSER"] = "someone"
        print(await attempt(HERE.set(username="")))
        #> role "someone" does not exist
        # --8<-- [end:no-user]
    finally:
        os.environ.pop("PGUSER", None)
        async with admin.begin() as connection:
            await on_database(connection, "GRANT CONNECT ON DATABASE {} TO PUBLIC")
            await connection.execute(text("DROP ROLE IF EXISTS greenlit_reader, greenlit_app"))
        await admin.dispose()


if __name__ == "__main__":
    asyncio.run(main())
