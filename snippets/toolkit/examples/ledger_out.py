# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0", "aiosqlite", "asyncpg", "psycopg[binary]"]
# ///
import asyncio
import gc
import os
import warnings

from ledger import Entry, Ledger
from sqlalchemy import Connection, text
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, create_async_engine

DATABASE_URL = os.environ.get("DATABASE_URL", "sqlite+aiosqlite:///greenlit.db")


# --8<-- [start:held]
def codes(entries: list[Entry]) -> list[str]:
    return [entry.code for entry in entries]


async def held(engine: AsyncEngine) -> None:
    with Ledger() as ledger:
        connection = await engine.connect()
        print("held:", codes(ledger.held))
        #> held: ['connection = await engine.connect()']
        await connection.close()
        print("held:", codes(ledger.held))
        #> held: []
        print("unclosed:", codes(ledger.unclosed))
        #> unclosed: ['connection = await engine.connect()']
        await engine.dispose()
        print("unclosed:", codes(ledger.unclosed))
        #> unclosed: []


# --8<-- [end:held]


# --8<-- [start:lost]
async def greet(engine: AsyncEngine) -> None:
    session = AsyncSession(engine)
    await session.scalar(text("SELECT 'hello'"))


async def lost(engine: AsyncEngine) -> None:
    with Ledger() as ledger:
        await greet(engine)
        gc.collect()
    print("held:", codes(ledger.held), "lost:", codes(ledger.lost))
    #> held: [] lost: ['await session.scalar(text("SELECT \'hello\'"))']


# --8<-- [end:lost]


# --8<-- [start:detached]
def detach(connection: Connection) -> None:
    connection.detach()


async def detached(engine: AsyncEngine) -> None:
    with Ledger() as ledger:
        async with engine.connect() as connection:
            await connection.run_sync(detach)
            print("held:", codes(ledger.held), "unclosed:", codes(ledger.unclosed))
            #> held: [] unclosed: ['async with engine.connect() as connection:']


# --8<-- [end:detached]


async def main() -> None:
    warnings.simplefilter("ignore")  # SQLAlchemy warns of the connection that is lost.
    engine = create_async_engine(DATABASE_URL)
    await held(engine)
    await lost(engine)
    await detached(engine)
    await engine.dispose()


if __name__ == "__main__":
    asyncio.run(main())
