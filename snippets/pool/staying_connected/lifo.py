# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0", "asyncpg", "psycopg[binary]"]
# ///
# drivers: asyncpg, psycopg (SQLite has no server)
import asyncio
import os
import sys

from sqlalchemy import text
from sqlalchemy.ext.asyncio import create_async_engine

DATABASE_URL = os.environ.get("DATABASE_URL") or sys.exit(
    "needs PostgreSQL: DATABASE_URL=postgresql+asyncpg://user:password@localhost/test"
)


# --8<-- [start:used]
async def used_in_six_requests(lifo: bool) -> int:
    engine = create_async_engine(DATABASE_URL, pool_use_lifo=lifo)
    used: set[int] = set()
    async with engine.connect(), engine.connect(), engine.connect():
        pass  # Three connections lie in the pool.
    for _ in range(6):
        async with engine.connect() as connection:
            used.add(await connection.scalar(text("SELECT pg_backend_pid()")) or 0)
    await engine.dispose()
    return len(used)


# --8<-- [end:used]


async def main() -> None:
    # --8<-- [start:table]
    print("pool_use_lifo | connections used by six requests in a row")
    #> pool_use_lifo | connections used by six requests in a row
    for lifo in (False, True):
        print(f"{lifo} | {await used_in_six_requests(lifo)}")
        #> False | 3
        #> True | 1
    # --8<-- [end:table]


if __name__ == "__main__":
    asyncio.run(main())
