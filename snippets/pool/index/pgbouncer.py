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
    for setting in ("statement_timeout", "idle_in_transaction_session_timeout"):
        connect_args: dict[str, Any] = (
            {"server_settings": {setting: "10s"}}
            if "+asyncpg" in DATABASE_URL
            else {"options": f"-c {setting}=10s"}
        )
        for mode, url in MODES.items():
            engine = create_async_engine(url, connect_args=connect_args)
            try:
                async with engine.connect():
                    print(f"{setting}, {mode} mode: connected")
            except DBAPIError as error:
                refused = "unsupported startup parameter" in str(error.orig)
                print(f"{setting}, {mode} mode: refused" if refused else error)
                #> statement_timeout, transaction mode: refused
                #> statement_timeout, session mode: refused
                #> idle_in_transaction_session_timeout, transaction mode: refused
                #> idle_in_transaction_session_timeout, session mode: refused
            await engine.dispose()
    # --8<-- [end:connect]


if __name__ == "__main__":
    asyncio.run(main())
