# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0", "asyncpg", "psycopg[binary]"]
# ///
# drivers: asyncpg, psycopg (SQLite has no isolation levels of this kind)
import asyncio
import os
import sys

from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine

DATABASE_URL = os.environ.get("DATABASE_URL") or sys.exit(
    "needs PostgreSQL: DATABASE_URL=postgresql+asyncpg://user:password@localhost/test"
)


# --8<-- [start:kinds]
async def update_after_update(ada: AsyncConnection, grace: AsyncConnection) -> None:
    await ada.execute(text("SELECT * FROM rooms"))
    await grace.execute(text("UPDATE rooms SET taken = true"))
    await grace.commit()
    await ada.execute(text("UPDATE rooms SET taken = true"))


async def both_count_and_insert(ada: AsyncConnection, grace: AsyncConnection) -> None:
    for guest in (ada, grace):
        await guest.execute(text("SELECT count(*) FROM rooms"))
    for guest in (ada, grace):
        await guest.execute(text("INSERT INTO rooms VALUES (false)"))
        await guest.commit()


# --8<-- [end:kinds]


async def attempt(engine: AsyncEngine, level: str, work: object) -> str:
    assert callable(work)
    strict = engine.execution_options(isolation_level=level)
    async with strict.connect() as ada, strict.connect() as grace:
        try:
            await work(ada, grace)
        except DBAPIError as error:
            return str(error.orig).splitlines()[0].removeprefix("could not serialize access ")
    return "passes"


async def main() -> None:
    engine = create_async_engine(DATABASE_URL)
    try:
        async with engine.begin() as connection:
            await connection.execute(text("DROP TABLE IF EXISTS rooms"))
            await connection.execute(text("CREATE TABLE rooms (taken boolean)"))
            await connection.execute(text("INSERT INTO rooms VALUES (false)"))
        # --8<-- [start:table]
        levels = ("READ COMMITTED", "REPEATABLE READ", "SERIALIZABLE")
        print(" | ".join(["what happens", *levels]))
        #> what happens | READ COMMITTED | REPEATABLE READ | SERIALIZABLE
        for work in (update_after_update, both_count_and_insert):
            outcomes = [await attempt(engine, level, work) for level in levels]
            print(" | ".join([work.__name__, *outcomes]))
            #> update_after_update | passes | due to concurrent update | due to concurrent update
            #> both_count_and_insert | passes | passes | due to read/write dependencies among transactions
        # --8<-- [end:table]
    finally:
        await engine.dispose()


if __name__ == "__main__":
    asyncio.run(main())
