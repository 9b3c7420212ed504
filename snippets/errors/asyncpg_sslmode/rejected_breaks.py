# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0", "asyncpg"]
# ///
# also: asyncpg==0.31.*, asyncpg==0.30.*
# needs: pgbouncer
# raises: ConnectionError
# drivers: asyncpg (the parameter's name is its own)
import asyncio
import os
import sys

from sqlalchemy import text
from sqlalchemy.engine import make_url
from sqlalchemy.ext.asyncio import create_async_engine

DATABASE_URL = os.environ.get("DATABASE_URL") or sys.exit(
    "needs a PgBouncer in transaction mode: "
    "DATABASE_URL=postgresql+asyncpg://user:password@localhost:6432/test"
)


# --8<-- [start:connect]
async def main() -> None:
    # A server that speaks no TLS, such as the one of a development machine.
    url = make_url(DATABASE_URL).update_query_dict({"ssl": "require"})
    engine = create_async_engine(url, connect_args={"statement_cache_size": 0})
    try:
        async with engine.connect() as connection:
            print(await connection.scalar(text("SELECT 'connected'")))
    finally:
        await engine.dispose()


# --8<-- [end:connect]


if __name__ == "__main__":
    asyncio.run(main())
