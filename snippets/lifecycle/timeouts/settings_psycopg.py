# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0", "psycopg[binary]"]
# ///
# also: psycopg==3.2.*
# drivers: psycopg (each driver has its own way to say it)
import asyncio
import os
import sys

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

DATABASE_URL = os.environ.get("DATABASE_URL") or sys.exit(
    "needs PostgreSQL: DATABASE_URL=postgresql+psycopg://user:password@localhost/test"
)


# --8<-- [start:engine]
def new_engine(url: str) -> AsyncEngine:
    settings = {"options": "-c statement_timeout=5s -c lock_timeout=2s"}
    return create_async_engine(url, connect_args=settings)


# --8<-- [end:engine]


# --8<-- [start:show]
async def show(engine: AsyncEngine) -> None:
    async with engine.connect() as connection:
        await connection.execute(text("SET statement_timeout = '1s'"))
        await connection.rollback()
        for name in ("statement_timeout", "lock_timeout"):
            print(name, await connection.scalar(text(f"SHOW {name}")))
            #> statement_timeout 5s
            #> lock_timeout 2s


# --8<-- [end:show]


async def main() -> None:
    engine = new_engine(DATABASE_URL)
    try:
        await show(engine)
    finally:
        await engine.dispose()


if __name__ == "__main__":
    asyncio.run(main())
