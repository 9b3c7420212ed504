# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0", "aiosqlite", "asyncpg", "psycopg[binary]"]
# ///
import asyncio
import os
from threading import Thread

from ledger import Ledger
from sqlalchemy import Engine, create_engine, text
from sqlalchemy.ext.asyncio import create_async_engine

DATABASE_URL = os.environ.get("DATABASE_URL", "sqlite+aiosqlite:///greenlit.db")


# --8<-- [start:nested]
async def nested(url: str) -> None:
    first, second = create_async_engine(url), create_async_engine(url)
    with Ledger() as outer:
        async with first.connect() as one:
            await one.execute(text("SELECT 1"))
            with Ledger() as inner:
                async with second.connect() as two:
                    await two.execute(text("SELECT 2"))
    print("inner:", [(event.connection, event.text) for event in inner.entries[1].events])
    #> inner: [(1, 'BEGIN (implicit)'), (1, 'SELECT 2')]
    print("outer:", [(event.connection, event.text) for event in outer.entries[3].events])
    #> outer: [(2, 'BEGIN (implicit)'), (2, 'SELECT 2')]
    await first.dispose()
    await second.dispose()


# --8<-- [end:nested]


# --8<-- [start:threads]
def ask(engine: Engine, statement: str) -> None:
    with engine.connect() as connection:
        connection.execute(text(statement))


def threads() -> None:
    engine = create_engine("sqlite://")
    with Ledger() as ledger:
        for statement in ("SELECT 1", "SELECT 2"):
            thread = Thread(target=ask, args=(engine, statement))
            thread.start()
            thread.join()
    print(ledger.sql)
    #> ['SELECT 1', 'SELECT 2']


# --8<-- [end:threads]


async def main() -> None:
    await nested(DATABASE_URL)
    threads()


if __name__ == "__main__":
    asyncio.run(main())
