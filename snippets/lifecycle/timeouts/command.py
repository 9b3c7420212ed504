# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0", "asyncpg"]
# ///
# also: asyncpg==0.31.*, asyncpg==0.30.*
# drivers: asyncpg (command_timeout is asyncpg's own)
import asyncio
import os
import sys

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

DATABASE_URL = os.environ.get("DATABASE_URL") or sys.exit(
    "needs PostgreSQL: DATABASE_URL=postgresql+asyncpg://user:password@localhost/test"
)


# --8<-- [start:report]
async def report(engine: AsyncEngine) -> None:
    async with engine.connect() as connection:
        try:
            await connection.execute(text("SELECT pg_sleep(10)"))
        except TimeoutError as error:
            print(f"{type(error).__name__}: {str(error)!r}")
            #> TimeoutError: ''


# --8<-- [end:report]


async def main() -> None:
    # --8<-- [start:engine]
    engine = create_async_engine(DATABASE_URL, connect_args={"command_timeout": 0.2})
    # --8<-- [end:engine]
    try:
        await report(engine)
    finally:
        await engine.dispose()


if __name__ == "__main__":
    asyncio.run(main())
