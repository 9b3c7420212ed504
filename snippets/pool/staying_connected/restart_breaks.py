# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0", "asyncpg", "psycopg[binary]"]
# ///
# drivers: asyncpg, psycopg (SQLite has no server that could restart)
# needs: server
# silent: a restart is over, and a request fails after it
import asyncio
import os
import subprocess
import sys

from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, create_async_engine

DATABASE_URL = os.environ.get("DATABASE_URL") or sys.exit(
    "needs a PostgreSQL that it may restart: RESTART_POSTGRES='systemctl restart postgresql' "
    "DATABASE_URL=postgresql+asyncpg://user:password@localhost/test"
)

# --8<-- [start:engine]
engine = create_async_engine(DATABASE_URL)
# --8<-- [end:engine]


async def warm_up(engine: AsyncEngine) -> None:
    async with engine.connect() as one, engine.connect() as two, engine.connect() as three:
        for connection in (one, two, three):
            await connection.execute(text("SELECT 1"))


# --8<-- [start:requests]
async def six_requests(engine: AsyncEngine) -> str:
    lost = 0
    for _ in range(6):
        try:
            async with AsyncSession(engine) as session:
                await session.execute(text("SELECT 1"))
        except DBAPIError:
            lost += 1
    return f"{lost} of 6 lost"


async def main() -> None:
    await warm_up(engine)  # Three connections lie in the pool.
    restart = os.environ["RESTART_POSTGRES"]  # Such as: systemctl restart postgresql
    await asyncio.to_thread(subprocess.run, restart, shell=True, check=True)
    print(await six_requests(engine))
    #> 1 of 6 lost
    await engine.dispose()
    await asyncio.sleep(0.1)


# --8<-- [end:requests]


if __name__ == "__main__":
    asyncio.run(main())
