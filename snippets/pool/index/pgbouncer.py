# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0", "asyncpg", "psycopg[binary]"]
# ///
# drivers: asyncpg, psycopg (SQLite has no server)
# needs: pgbouncer
# unrecorded: psycopg's message has PgBouncer's port
import asyncio
import os
import sys
from typing import Any

from sqlalchemy.engine import make_url
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import create_async_engine

DATABASE_URL = os.environ.get("DATABASE_URL") or sys.exit(
    "needs a PgBouncer in transaction mode: "
    "DATABASE_URL=postgresql+asyncpg://user:password@localhost:6432/test"
)

HERE = make_url(DATABASE_URL)
MODES = {"transaction": HERE, "session": HERE.set(database=f"{HERE.database}_session")}


async def main() -> None:
    # --8<-- [start:connect]
    connect_args: dict[str, Any] = (
        {"server_settings": {"statement_timeout": "10s"}}
        if "+asyncpg" in DATABASE_URL
        else {"options": "-c statement_timeout=10s"}
    )
    for mode, url in MODES.items():
        engine = create_async_engine(url, connect_args=connect_args)
        try:
            async with engine.connect():
                print(f"{mode} mode: connected")
        except DBAPIError as error:
            print(f"{mode} mode:", "unsupported startup parameter" in str(error.orig))
            #> transaction mode: True
            #> session mode: True
        await engine.dispose()
    # --8<-- [end:connect]


if __name__ == "__main__":
    asyncio.run(main())
