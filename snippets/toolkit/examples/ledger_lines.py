# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0", "aiosqlite", "asyncpg", "psycopg[binary]"]
# ///
import asyncio
import os

from ledger import Ledger
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession, create_async_engine

DATABASE_URL = os.environ.get("DATABASE_URL", "sqlite+aiosqlite:///greenlit.db")


# --8<-- [start:lines]
async def main() -> None:
    engine = create_async_engine(DATABASE_URL)
    with Ledger() as ledger:
        async with AsyncSession(engine) as session:
            await session.execute(text("SELECT 1"))
    await engine.dispose()

    print(ledger.sql)
    #> ['SELECT 1']
    first, second = ledger.entries
    print(first.code)
    #> await session.execute(text("SELECT 1"))
    print([event.text for event in first.events])
    #> ['connect', 'checkout', 'BEGIN (implicit)', 'SELECT 1']
    print(second.leaving, second.code)
    #> True async with AsyncSession(engine) as session:
    print([event.text for event in second.events])
    #> ['ROLLBACK', 'checkin']


# --8<-- [end:lines]

if __name__ == "__main__":
    asyncio.run(main())
