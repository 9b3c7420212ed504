# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0", "asyncpg", "psycopg[binary]"]
# ///
# also: asyncpg==0.31.*, asyncpg==0.30.*, psycopg==3.2.*
# drivers: asyncpg, psycopg (SQLite has no statement_timeout)
import asyncio
import os
import sys

from sqlalchemy import TextClause, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

DATABASE_URL = os.environ.get("DATABASE_URL") or sys.exit(
    "needs PostgreSQL: DATABASE_URL=postgresql+asyncpg://user:password@localhost/test"
)


# --8<-- [start:ask]
WHERE_FROM = text("SELECT source, setting FROM pg_settings WHERE name = 'statement_timeout'")


async def where_from(engine: AsyncEngine) -> None:
    async with engine.connect() as connection:
        source, milliseconds = (await connection.execute(WHERE_FROM)).one()
        print(f"{source}: {milliseconds} ms")
        #> default: 0 ms
        #> database: 300 ms


# --8<-- [end:ask]


# --8<-- [start:alter]
def alter_database(what: str) -> TextClause:
    statement = f"'ALTER DATABASE %I {what}', current_database()"
    return text(f"DO $$ BEGIN EXECUTE format({statement}); END $$")


# --8<-- [end:alter]


# --8<-- [start:texts]
async def messages(engine: AsyncEngine) -> None:
    for statement in ("SELECT pg_sleep(9)", "SELECT pg_cancel_backend(pg_backend_pid())"):
        try:
            async with engine.connect() as connection:
                await connection.execute(text(statement))
        except DBAPIError as error:
            print(f"{error.orig}, {getattr(error.orig, 'sqlstate', None)}")
            #> canceling statement due to statement timeout, 57014
            #> canceling statement due to user request, 57014


# --8<-- [end:texts]


async def main() -> None:
    engine = create_async_engine(DATABASE_URL)
    try:
        # --8<-- [start:database]
        await where_from(engine)
        async with engine.begin() as connection:
            await connection.execute(alter_database("SET statement_timeout = 300"))
        await engine.dispose()  # The setting is for new connections.
        await where_from(engine)
        # --8<-- [end:database]
        await messages(engine)
    finally:
        async with engine.begin() as connection:
            await connection.execute(alter_database("RESET statement_timeout"))
        await engine.dispose()


if __name__ == "__main__":
    asyncio.run(main())
