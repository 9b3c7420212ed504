# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0", "aiosqlite", "asyncpg", "psycopg[binary]"]
# ///
import asyncio
import os

from sqlalchemy import text
from sqlalchemy.ext.asyncio import create_async_engine

DATABASE_URL = os.environ.get("DATABASE_URL", "sqlite+aiosqlite:///greenlit.db")

ROWS = text(
    "WITH RECURSIVE numbers (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < 5000)"
    " SELECT n FROM numbers"
)


# --8<-- [start:read]
async def main() -> None:
    engine = create_async_engine(DATABASE_URL)
    total = 0
    try:
        async with engine.connect() as connection:
            rows = await connection.stream(ROWS, execution_options={"stream_results": True})
            async for row in rows:
                total += row.n
    finally:
        await engine.dispose()
    print(total)
    #> 12502500


# --8<-- [end:read]


if __name__ == "__main__":
    asyncio.run(main())
