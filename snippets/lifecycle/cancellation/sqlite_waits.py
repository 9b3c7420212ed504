# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0", "aiosqlite"]
# ///
# drivers: aiosqlite (its queries run in a thread, and a thread cannot be cancelled)
import asyncio
import os
import time

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

DATABASE_URL = os.environ.get("DATABASE_URL", "sqlite+aiosqlite:///greenlit.db")

# Counts to three million: a query that takes seconds.
SLOW = text(
    "WITH RECURSIVE counter(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM counter WHERE n < 3000000)"
    " SELECT max(n) FROM counter"
)


# --8<-- [start:report]
async def report(engine: AsyncEngine) -> None:
    start = time.monotonic()
    try:
        async with engine.connect() as connection, asyncio.timeout(0.02):
            await connection.execute(SLOW)
    except TimeoutError:
        waited = time.monotonic() - start
        print(f"waited more than ten times the limit: {waited > 0.2}")
        #> waited more than ten times the limit: True


# --8<-- [end:report]


async def main() -> None:
    engine = create_async_engine(DATABASE_URL)
    try:
        await report(engine)
    finally:
        await engine.dispose()


if __name__ == "__main__":
    asyncio.run(main())
