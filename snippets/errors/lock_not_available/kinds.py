# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0", "asyncpg", "psycopg[binary]"]
# ///
# drivers: asyncpg, psycopg (SQLite has no such locks)
import asyncio
import os
import sys

from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

DATABASE_URL = os.environ.get("DATABASE_URL") or sys.exit(
    "needs PostgreSQL: DATABASE_URL=postgresql+asyncpg://user:password@localhost/test"
)

# --8<-- [start:kinds]
WAITING = [
    "SELECT * FROM seats FOR UPDATE NOWAIT",
    "UPDATE seats SET taken = true",
    "ALTER TABLE seats ADD price integer",
    "LOCK TABLE seats NOWAIT",
]


async def compare(engine: AsyncEngine) -> None:
    print("Grace runs | and gets")
    #> Grace runs | and gets
    for statement in WAITING:
        async with engine.connect() as ada, engine.connect() as grace:
            await ada.execute(text("SELECT * FROM seats FOR UPDATE"))
            await grace.execute(text("SET LOCAL lock_timeout = '200ms'"))
            try:
                await grace.execute(text(statement))
            except DBAPIError as error:
                message = str(error.orig).splitlines()[0]
                print(f"`{statement}` | {getattr(error.orig, 'sqlstate', None)}: {message}")
                """
                `SELECT * FROM seats FOR UPDATE NOWAIT` | 55P03: could not obtain lock on row in relation "seats"
                """
                #> `UPDATE seats SET taken = true` | 55P03: canceling statement due to lock timeout
                #> `ALTER TABLE seats ADD price integer` | 55P03: canceling statement due to lock timeout
                #> `LOCK TABLE seats NOWAIT` | 55P03: could not obtain lock on relation "seats"


# --8<-- [end:kinds]


async def main() -> None:
    engine = create_async_engine(DATABASE_URL)
    try:
        async with engine.begin() as connection:
            await connection.execute(text("DROP TABLE IF EXISTS seats"))
            await connection.execute(text("CREATE TABLE seats (taken boolean)"))
            await connection.execute(text("INSERT INTO seats VALUES (false)"))
        await compare(engine)
    finally:
        await engine.dispose()


if __name__ == "__main__":
    asyncio.run(main())
