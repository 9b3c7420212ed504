# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0", "asyncpg"]
# ///
# also: asyncpg==0.31.*, asyncpg==0.30.*
# drivers: asyncpg (each driver has its own way to say it)
import asyncio
import os
import sys

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

DATABASE_URL = os.environ.get("DATABASE_URL") or sys.exit(
    "needs PostgreSQL: DATABASE_URL=postgresql+asyncpg://user:password@localhost/test"
)


# --8<-- [start:engine]
def new_engine(url: str) -> AsyncEngine:
    settings = {"server_settings": {"statement_timeout": "5s", "lock_timeout": "2s"}}
    return create_async_engine(url, connect_args=settings)


# --8<-- [end:engine]


async def show(engine: AsyncEngine) -> None:
    async with engine.connect() as connection:
        await connection.execute(text("SET statement_timeout = '1s'"))
        await connection.rollback()
        for name in ("statement_timeout", "lock_timeout"):
            print(name, await connection.scalar(text(f"SHOW {name}")))
            #> statement_timeout 5s
            #> lock_timeout 2s


async def main() -> None:
    engine = new_engine(DATABASE_URL)
    try:
        await show(engine)
    finally:
        await engine.dispose()


if __name__ == "__main__":
    asyncio.run(main())
