# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0", "asyncpg", "psycopg[binary]"]
# ///
# also: asyncpg==0.31.*, asyncpg==0.30.*
# drivers: asyncpg (it opens both PostgreSQL drivers itself, to set them side by side)
import asyncio
import os
import sys
import warnings
from collections.abc import Awaitable, Callable

from sqlalchemy import create_engine, text
from sqlalchemy.engine import URL, make_url
from sqlalchemy.ext.asyncio import create_async_engine

DATABASE_URL = os.environ.get("DATABASE_URL") or sys.exit(
    "needs PostgreSQL: DATABASE_URL=postgresql+asyncpg://user:password@localhost/test"
)


# --8<-- [start:ways]
async def execute(url: URL, statement: str, **values: object) -> None:
    engine = create_async_engine(url)
    try:
        async with engine.connect() as connection:
            await connection.execute(text(statement), values)
    finally:
        await engine.dispose()


async def sslmode(url: URL) -> None:
    await execute(url.update_query_dict({"sslmode": "prefer"}), "SELECT 1")


async def application_name(url: URL) -> None:
    await execute(url.update_query_dict({"application_name": "shop"}), "SELECT 1")


async def two_statements(url: URL) -> None:
    await execute(url, "SELECT 1; SELECT 2")


async def two_statements_with_a_value(url: URL) -> None:
    await execute(url, "SELECT CAST(:value AS int); SELECT 2", value=1)


async def sync_engine(url: URL) -> None:
    engine = create_engine(url)
    try:
        with engine.connect():
            pass
    finally:
        engine.dispose()


WAYS: dict[str, Callable[[URL], Awaitable[None]]] = {
    "`?sslmode=` in the URL": sslmode,
    "`?application_name=` in the URL": application_name,
    "two statements in one `text()`": two_statements,
    "the same, with a value": two_statements_with_a_value,
    "the URL given to `create_engine()`": sync_engine,
}
# --8<-- [end:ways]


async def outcome(way: Callable[[URL], Awaitable[None]], driver: str) -> str:
    try:
        await way(make_url(DATABASE_URL).set(drivername=f"postgresql+{driver}"))
    except Exception as error:
        return type(error).__name__
    return "works"


async def main() -> None:
    warnings.filterwarnings("ignore", "coroutine .* was never awaited")
    # --8<-- [start:table]
    print("What you do | asyncpg | psycopg")
    #> What you do | asyncpg | psycopg
    for what, way in WAYS.items():
        print(f"{what} | {await outcome(way, 'asyncpg')} | {await outcome(way, 'psycopg')}")
        #> `?sslmode=` in the URL | TypeError | works
        #> `?application_name=` in the URL | TypeError | works
        #> two statements in one `text()` | ProgrammingError | works
        #> the same, with a value | ProgrammingError | ProgrammingError
        #> the URL given to `create_engine()` | MissingGreenlet | works
    # --8<-- [end:table]


if __name__ == "__main__":
    asyncio.run(main())
