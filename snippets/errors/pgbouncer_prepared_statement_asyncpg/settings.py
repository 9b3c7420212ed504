# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0", "asyncpg"]
# ///
# needs: pgbouncer
# leaks: when the first query on a server fails, SQLAlchemy leaves that connection open
# drivers: asyncpg (psycopg's statements have other names: pgbouncer_prepared_statement_psycopg)
# also: asyncpg==0.31.*, asyncpg==0.30.*
import asyncio
import os
import re
import sys
from collections.abc import Awaitable, Callable
from typing import Any
from uuid import uuid4

import asyncpg.connection
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

DATABASE_URL = os.environ.get("DATABASE_URL") or sys.exit(
    "needs a PgBouncer in transaction mode: "
    "DATABASE_URL=postgresql+asyncpg://user:password@localhost:6432/test"
)

QUERY = text("SELECT 'served'")
UNIQUE = {"prepared_statement_name_func": lambda: f"__asyncpg_{uuid4()}__"}
# --8<-- [start:settings]
SETTINGS: dict[str, dict[str, Any]] = {
    "none": {},
    "prepared_statement_cache_size=0": {"prepared_statement_cache_size": 0},
    "prepared_statement_name_func": UNIQUE,
    "both of these": {"prepared_statement_cache_size": 0, **UNIQUE},
    "statement_cache_size=0": {"statement_cache_size": 0},
    "all three": {"statement_cache_size": 0, "prepared_statement_cache_size": 0, **UNIQUE},
}
# --8<-- [end:settings]


async def two_processes(make_engine: Callable[[], AsyncEngine], query: str) -> None:
    for _ in range(2):
        asyncpg.connection._uid = 0
        engine = make_engine()
        try:
            async with engine.connect() as connection:
                await connection.execute(text(query))
        finally:
            await engine.dispose()


async def workers(make_engine: Callable[[], AsyncEngine]) -> None:
    await two_processes(make_engine, "SELECT 'served'")


async def custom_type(make_engine: Callable[[], AsyncEngine]) -> None:
    await two_processes(make_engine, "SELECT CAST('ok' AS mood)")


async def moved(make_engine: Callable[[], AsyncEngine]) -> None:
    engine = make_engine()
    try:
        async with engine.connect() as mine, engine.connect() as theirs:
            await mine.scalar(QUERY)
            await mine.commit()
            await theirs.scalar(text("SELECT 1"))
            await mine.scalar(QUERY)
    finally:
        await engine.dispose()


async def answer(
    scenario: Callable[[Callable[[], AsyncEngine]], Awaitable[None]], settings: dict[str, Any]
) -> str:
    clean = create_async_engine(DATABASE_URL, connect_args=SETTINGS["all three"])
    async with clean.begin() as one, clean.begin() as other:
        await one.execute(text("DEALLOCATE ALL"))
        await other.execute(text("DEALLOCATE ALL"))
    await clean.dispose()
    try:
        await scenario(lambda: create_async_engine(DATABASE_URL, connect_args=settings))
        return "works"
    except DBAPIError as error:
        found = re.search("already exists|does not exist", str(error))
        return found[0] if found else str(error)


# --8<-- [start:table]
async def main() -> None:
    setup = create_async_engine(DATABASE_URL, connect_args=SETTINGS["all three"])
    async with setup.begin() as connection:
        await connection.execute(text("DROP TYPE IF EXISTS mood"))
        await connection.execute(text("CREATE TYPE mood AS ENUM ('ok')"))
    await setup.dispose()
    print("connect_args | a second process | the same session, moved | a second process, an enum")
    #> connect_args | a second process | the same session, moved | a second process, an enum
    for name, settings in SETTINGS.items():
        answers = [await answer(one, settings) for one in (workers, moved, custom_type)]
        print(" | ".join([name, *answers]))
        #> none | already exists | does not exist | already exists
        #> prepared_statement_cache_size=0 | already exists | works | already exists
        #> prepared_statement_name_func | works | does not exist | already exists
        #> both of these | works | works | already exists
        #> statement_cache_size=0 | works | works | works
        #> all three | works | works | works


# --8<-- [end:table]


if __name__ == "__main__":
    asyncio.run(main())
