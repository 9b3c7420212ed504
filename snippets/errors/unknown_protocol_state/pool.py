# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0", "asyncpg"]
# ///
# drivers: asyncpg (the message is asyncpg's own)
# also: sqlalchemy==2.0.49.*, asyncpg==0.31.*, asyncpg==0.30.*
import asyncio
import os
import sys
import time

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, create_async_engine

DATABASE_URL = os.environ.get("DATABASE_URL") or sys.exit(
    "needs PostgreSQL: DATABASE_URL=postgresql+asyncpg://user:password@localhost/test"
)

# Many production servers have this, with a minute or ten.
LIMITS = {"server_settings": {"idle_in_transaction_session_timeout": "100"}}


def make_the_report() -> None:
    time.sleep(0.5)


async def request(session: AsyncSession) -> None:
    await session.execute(text("SELECT 'the data'"))
    make_the_report()
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    await session.execute(text("SELECT 'the rest'"))


# --8<-- [start:pool]
async def one_request_after_another(engine: AsyncEngine) -> None:
    for number in ("the request that met it", "the next request"):
        outcome = "works"
        try:
            async with AsyncSession(engine) as session:
                await session.execute(text("SELECT 1"))
                if number == "the request that met it":
                    await request(session)
        except Exception as error:
            outcome = type(error).__name__
        print(f"{number}: {outcome}")
        #> the request that met it: InternalError
        #> the next request: works


# --8<-- [end:pool]


async def main() -> None:
    engine = create_async_engine(DATABASE_URL, connect_args=LIMITS)
    try:
        await one_request_after_another(engine)
    finally:
        await engine.dispose()


if __name__ == "__main__":
    asyncio.run(main())
