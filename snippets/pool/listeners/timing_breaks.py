# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0", "aiosqlite", "asyncpg", "psycopg[binary]"]
# ///
# silent: each statement that fails leaves an entry in the connection
import asyncio
import os
import time
from typing import Any

from sqlalchemy import Connection, event, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import create_async_engine

DATABASE_URL = os.environ.get("DATABASE_URL", "sqlite+aiosqlite:///greenlit.db")

engine = create_async_engine(DATABASE_URL)
timed: list[float] = []


# --8<-- [start:listen]
@event.listens_for(engine.sync_engine, "before_cursor_execute")
def begin(
    connection: Connection, cursor: Any, statement: str, values: Any, context: Any, many: bool
) -> None:
    connection.info.setdefault("started", []).append(time.perf_counter())


@event.listens_for(engine.sync_engine, "after_cursor_execute")
def end(
    connection: Connection, cursor: Any, statement: str, values: Any, context: Any, many: bool
) -> None:
    timed.append(time.perf_counter() - connection.info["started"].pop())


# --8<-- [end:listen]


async def run(statement: str) -> None:
    try:
        async with engine.connect() as connection:
            await connection.execute(text(statement))
    except DBAPIError:
        pass


async def main() -> None:
    try:
        # --8<-- [start:run]
        for _ in range(3):
            await run("SELECT * FROM nowhere")
        await run("SELECT 1")
        async with engine.connect() as connection:
            print(len(timed), "timed,", len(connection.info.get("started", [])), "left")
            #> 1 timed, 3 left
        # --8<-- [end:run]
    finally:
        await engine.dispose()


if __name__ == "__main__":
    asyncio.run(main())
