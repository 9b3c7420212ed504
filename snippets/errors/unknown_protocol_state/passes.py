# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0", "asyncpg"]
# ///
# also: asyncpg==0.31.*, asyncpg==0.30.*
# drivers: asyncpg (the message is asyncpg's own)
import asyncio
import os
import sys
import time

from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, create_async_engine

DATABASE_URL = os.environ.get("DATABASE_URL") or sys.exit(
    "needs PostgreSQL: DATABASE_URL=postgresql+asyncpg://user:password@localhost/test"
)

# Many production servers have this, with a minute or ten.
LIMITS = {"server_settings": {"idle_in_transaction_session_timeout": "100"}}


def make_the_report() -> None:
    time.sleep(0.5)


async def request(session: AsyncSession, passes: int) -> None:
    await session.execute(text("SELECT 'the data'"))
    make_the_report()
    for _ in range(passes):
        await asyncio.sleep(0)
    await session.execute(text("SELECT 'the rest'"))


# --8<-- [start:table]
async def compare(engine: AsyncEngine) -> None:
    print("await asyncio.sleep(0) | the next query")
    #> await asyncio.sleep(0) | the next query
    for passes in (0, 2, 10):
        try:
            async with AsyncSession(engine) as session:
                await request(session, passes)
        except DBAPIError as error:
            print(passes, "times |", error.orig)
            #> 0 times | connection was closed in the middle of operation
            #> 2 times | cannot switch to state 11; another operation (2) is in progress
            #> 10 times | connection is closed


# --8<-- [end:table]


async def main() -> None:
    engine = create_async_engine(DATABASE_URL, connect_args=LIMITS)
    try:
        await compare(engine)
    finally:
        await engine.dispose()


if __name__ == "__main__":
    asyncio.run(main())
