# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0.38", "aiosqlite", "asyncpg", "psycopg[binary]"]
# ///
# also: asyncpg==0.31.*, asyncpg==0.30.*, psycopg==3.2.*
import asyncio
import os
import traceback
from collections.abc import Awaitable, Callable
from typing import Any

from sqlalchemy import Connection, inspect, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine

DATABASE_URL = os.environ.get("DATABASE_URL", "sqlite+aiosqlite:///greenlit.db")
SCRIPT = "CREATE TABLE scripted (id INTEGER); CREATE INDEX scripted_id ON scripted (id)"
PARAMETER = {"asyncpg": ("$1", 1), "psycopg": ("%s", [1]), "aiosqlite": ("?", [1])}


async def driver_connection(connection: AsyncConnection) -> Any:
    return (await connection.get_raw_connection()).driver_connection


async def run_script(connection: AsyncConnection) -> None:
    driver = await driver_connection(connection)
    await getattr(driver, "executescript", driver.execute)(SCRIPT)


def has_table(connection: Connection) -> bool:
    return inspect(connection).has_table("scripted")


async def left_after_a_rollback(engine: AsyncEngine, first: str) -> bool:
    async with engine.connect() as connection:
        if first:
            await connection.execute(text(first))
        await run_script(connection)
        await connection.rollback()
    async with engine.begin() as connection:
        left = await connection.run_sync(has_table)
        await connection.execute(text("DROP TABLE IF EXISTS scripted"))
        return left


async def claim_one_transaction(engine: AsyncEngine) -> None:
    """If a later statement in the block of `engine.begin()` fails, the tables that the block created are gone."""
    error = None
    try:
        async with engine.begin() as connection:
            await connection.execute(text("CREATE TABLE scripted (id INTEGER)"))
            await connection.execute(text("SELECT * FROM missing"))
    except DBAPIError as raised:
        error = raised
    async with engine.begin() as connection:
        left = await connection.run_sync(has_table)
        await connection.execute(text("DROP TABLE IF EXISTS scripted"))
    assert error is not None
    assert not left, "the table is there"


async def claim_script_after_a_statement(engine: AsyncEngine) -> None:
    """Handed to the driver after a statement of the same transaction, the script is rolled back with it."""
    assert not await left_after_a_rollback(engine, "SELECT 1"), "the table is there after the rollback"


async def claim_script_first(engine: AsyncEngine) -> None:
    """Handed to the driver as the first thing in the transaction, the script is rolled back with it."""
    assert not await left_after_a_rollback(engine, ""), "the table is there after the rollback"


async def claim_parameter(engine: AsyncEngine) -> None:
    """The driver's own `execute` refuses two statements when there is a parameter."""
    mark, value = PARAMETER[engine.dialect.driver]
    async with engine.connect() as connection:
        await connection.execute(text("SELECT 1"))
        driver = await driver_connection(connection)
        error = None
        try:
            await driver.execute(f"SELECT CAST({mark} AS INTEGER); SELECT 2", value)
        except Exception as raised:
            error = raised
        assert error is not None


async def reason_against(claim: Callable[[AsyncEngine], Awaitable[None]]) -> str:
    """Why a claim does not hold here, or nothing."""
    engine = create_async_engine(DATABASE_URL)
    try:
        await claim(engine)
    except Exception as error:
        line = traceback.extract_tb(error.__traceback__)[-1].line
        return f"{type(error).__name__}: {str(error).partition(chr(10))[0] or line}"
    finally:
        await engine.dispose()
    return ""


async def main() -> None:
    for name, claim in list(globals().items()):
        if name.startswith("claim_"):
            sentence, against = " ".join(claim.__doc__.split()), await reason_against(claim)
            print(f"does not hold: {sentence} ({against})" if against else f"holds: {sentence}")


if __name__ == "__main__":
    asyncio.run(main())
