# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0.38", "aiosqlite", "asyncpg", "psycopg[binary]"]
# ///
import asyncio
import os
import traceback
import warnings
from collections.abc import Awaitable, Callable

from sqlalchemy import Column, Connection, Integer, MetaData, Table, inspect
from sqlalchemy.exc import MissingGreenlet
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

DATABASE_URL = os.environ.get("DATABASE_URL", "sqlite+aiosqlite:///greenlit.db")

metadata = MetaData()
Table("parcels", metadata, Column("id", Integer, primary_key=True))


def has_table(connection: Connection) -> bool:
    return inspect(connection).has_table("parcels")


def create_all_refused(engine: AsyncEngine) -> bool:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # The driver's coroutine is not awaited: that is the mistake.
        try:
            metadata.create_all(engine.sync_engine)
        except MissingGreenlet:
            return True
        return False


def reflect(connection: Connection) -> list[str]:
    found = MetaData()
    found.reflect(connection)
    Table("parcels", MetaData(), autoload_with=connection)
    return list(found.tables)


async def claim_connect_without_commit(engine: AsyncEngine) -> None:
    """With `connect()` instead of `begin()`, and without `await connection.commit()`, the tables are gone after the block."""
    async with engine.connect() as connection:
        await connection.run_sync(metadata.create_all)
    async with engine.begin() as connection:
        there = await connection.run_sync(has_table)
        await connection.run_sync(metadata.drop_all)
    assert not there, "the tables are there"


async def claim_reflect(engine: AsyncEngine) -> None:
    """Inside `run_sync()`, `reflect()` and `autoload_with` work with the connection that your function gets."""
    async with engine.connect() as connection:
        await connection.run_sync(metadata.create_all)
        assert await connection.run_sync(reflect) == ["parcels"]
        await connection.run_sync(metadata.drop_all)
        await connection.commit()


async def claim_sync_engine(engine: AsyncEngine) -> None:
    """`create_all(engine.sync_engine)` in a coroutine raises `MissingGreenlet`."""
    assert create_all_refused(engine)


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
