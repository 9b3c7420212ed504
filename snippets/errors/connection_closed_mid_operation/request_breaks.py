# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0", "asyncpg", "psycopg[binary]"]
# ///
# drivers: asyncpg, psycopg (SQLite has no server that restarts)
# needs: server
# raises: sqlalchemy.exc.InterfaceError, sqlalchemy.exc.OperationalError
import asyncio
import os
import sys

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

DATABASE_URL = os.environ.get("DATABASE_URL") or sys.exit(
    "needs a PostgreSQL that it may restart: RESTART_POSTGRES='systemctl restart postgresql' "
    "DATABASE_URL=postgresql+asyncpg://user:password@localhost/test"
)


async def restart_the_server() -> None:
    restart = await asyncio.create_subprocess_shell(os.environ["RESTART_POSTGRES"])
    assert await restart.wait() == 0


# --8<-- [start:engine]
def make_engine(url: str) -> AsyncEngine:
    return create_async_engine(url)


# --8<-- [end:engine]


# --8<-- [start:request]
async def request(engine: AsyncEngine) -> None:
    async with engine.connect() as connection:
        print(await connection.scalar(text("SELECT 'still here'")))
        #> still here


# --8<-- [end:request]


async def main() -> None:
    engine = make_engine(DATABASE_URL)
    try:
        # --8<-- [start:restart]
        await request(engine)
        await restart_the_server()
        await request(engine)
        # --8<-- [end:restart]
    finally:
        await engine.dispose()


if __name__ == "__main__":
    asyncio.run(main())
