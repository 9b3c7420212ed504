# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0", "psycopg[binary]", "uvicorn"]
# ///
# drivers: psycopg (asyncpg and aiosqlite take any loop)
import asyncio
import os
import sys

import uvicorn
from sqlalchemy import text
from sqlalchemy.ext.asyncio import create_async_engine

DATABASE_URL = os.environ.get("DATABASE_URL") or sys.exit(
    "needs PostgreSQL: DATABASE_URL=postgresql+psycopg://user:password@localhost/test"
)


async def ask() -> str:
    engine = create_async_engine(DATABASE_URL)
    async with engine.connect() as connection:
        await connection.execute(text("SELECT 1"))
    await engine.dispose()
    return type(asyncio.get_running_loop()).__name__


# --8<-- [start:loop]
def main() -> None:
    config = uvicorn.Config("main:app", loop="asyncio:SelectorEventLoop")
    with asyncio.Runner(loop_factory=config.get_loop_factory()) as runner:
        loop = runner.run(ask())
    print(loop)
    #> _UnixSelectorEventLoop


# --8<-- [end:loop]

if __name__ == "__main__":
    main()
