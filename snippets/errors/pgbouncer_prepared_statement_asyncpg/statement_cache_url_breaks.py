# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0", "asyncpg"]
# ///
# also: asyncpg==0.31.*, asyncpg==0.30.*
# raises: TypeError
# drivers: asyncpg (the setting is its own)
import asyncio
import os
import sys

from sqlalchemy import text
from sqlalchemy.engine import make_url
from sqlalchemy.ext.asyncio import create_async_engine

DATABASE_URL = os.environ.get("DATABASE_URL") or sys.exit(
    "needs PostgreSQL: DATABASE_URL=postgresql+asyncpg://user:password@localhost/test"
)


# --8<-- [start:connect]
async def main() -> None:
    url = make_url(DATABASE_URL).update_query_dict({"statement_cache_size": "0"})
    engine = create_async_engine(url)
    try:
        async with engine.connect() as connection:
            print(await connection.scalar(text("SELECT 'served'")))
    finally:
        await engine.dispose()


# --8<-- [end:connect]


if __name__ == "__main__":
    asyncio.run(main())
