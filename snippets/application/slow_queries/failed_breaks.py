# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0", "asyncpg", "psycopg[binary]"]
# ///
# drivers: asyncpg, psycopg (SQLite has no statement_timeout)
# silent: the two slowest statements are not in the log
import asyncio
import os
import sys
import time
from typing import Any

from sqlalchemy import Connection, event, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import create_async_engine

DATABASE_URL = os.environ.get("DATABASE_URL") or sys.exit(
    "needs PostgreSQL: DATABASE_URL=postgresql+asyncpg://user:password@localhost/test"
)

SLOW = 0.5
engine = create_async_engine(DATABASE_URL)
lines: list[str] = []


# --8<-- [start:listen]
@event.listens_for(engine.sync_engine, "before_cursor_execute")
def started(
    connection: Connection, cursor: Any, statement: str, values: Any, context: Any, many: bool
) -> None:
    context.started_at = time.perf_counter()


def report(context: Any, how: str, statement: str | None) -> None:
    started_at = getattr(context, "started_at", None)
    if started_at is None:
        return
    context.started_at = None
    if time.perf_counter() - started_at >= SLOW:
        lines.append(f"slow, {how}: {statement}")


@event.listens_for(engine.sync_engine, "after_cursor_execute")
def ended(
    connection: Connection, cursor: Any, statement: str, values: Any, context: Any, many: bool
) -> None:
    report(context, "ended", statement)


# --8<-- [end:listen]


async def main() -> None:
    try:
        # --8<-- [start:statements]
        async with engine.connect() as connection:
            await connection.execute(text("SELECT pg_sleep(0.6)"))
            await connection.execute(text("SET LOCAL statement_timeout = 900"))
            try:
                await connection.execute(text("SELECT pg_sleep(600)"))
            except DBAPIError:
                await connection.rollback()
        # --8<-- [end:statements]
        # --8<-- [start:cancelled]
        async with engine.connect() as connection:
            try:
                async with asyncio.timeout(0.9):
                    await connection.execute(text("SELECT pg_sleep(700)"))
            except TimeoutError:
                pass
        # --8<-- [end:cancelled]
        # --8<-- [start:lines]
        for line in lines:
            print(line)
            #> slow, ended: SELECT pg_sleep(0.6)
        # --8<-- [end:lines]
    finally:
        await engine.dispose()


if __name__ == "__main__":
    asyncio.run(main())
