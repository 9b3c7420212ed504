# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0", "asyncpg"]
# ///
# also: asyncpg==0.31.*, asyncpg==0.30.*
# drivers: asyncpg (command_timeout is a setting of asyncpg's)
import asyncio
import os
import sys

from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

DATABASE_URL = os.environ.get("DATABASE_URL") or sys.exit(
    "needs PostgreSQL: DATABASE_URL=postgresql+asyncpg://user:password@localhost/test"
)


# --8<-- [start:engine]
def make_engine(url: str) -> AsyncEngine:
    arguments = {"server_settings": {"statement_timeout": "300ms"}}
    return create_async_engine(url, connect_args=arguments)


# --8<-- [end:engine]


# --8<-- [start:report]
async def report(engine: AsyncEngine) -> None:
    async with engine.connect() as connection:
        try:
            await connection.execute(text("SELECT pg_sleep(60)"))
        except DBAPIError as error:
            print(f"no report today: {error.orig}")
            #> no report today: canceling statement due to statement timeout


# --8<-- [end:report]


async def main() -> None:
    engine = make_engine(DATABASE_URL)
    try:
        await report(engine)
    finally:
        await engine.dispose()


if __name__ == "__main__":
    asyncio.run(main())
