# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0", "asyncpg", "psycopg[binary]"]
# ///
# drivers: asyncpg, psycopg (SQLite has no server)
# needs: pgbouncer
# unrecorded: psycopg's message has PgBouncer's port
import asyncio
import os
from typing import Any

from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import create_async_engine

URL = os.environ["DATABASE_URL"]


async def main() -> None:
    # --8<-- [start:connect]
    connect_args: dict[str, Any] = (
        {"server_settings": {"statement_timeout": "10s"}}
        if "+asyncpg" in URL
        else {"options": "-c statement_timeout=10s"}
    )
    engine = create_async_engine(URL, connect_args=connect_args)
    try:
        async with engine.connect():
            print("connected")
    except DBAPIError as error:
        print("unsupported startup parameter" in str(error.orig))
        #> True
    # --8<-- [end:connect]
    await engine.dispose()


if __name__ == "__main__":
    asyncio.run(main())
