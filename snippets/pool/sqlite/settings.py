# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0", "aiosqlite"]
# ///
# drivers: aiosqlite (PRAGMA and BEGIN IMMEDIATE are SQLite's)
import asyncio
import os
from typing import Any

from sqlalchemy import Connection, event, text
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

DATABASE_URL = os.environ.get("DATABASE_URL", "sqlite+aiosqlite:///greenlit.db")


# --8<-- [start:engine]
def make_engine(url: str) -> AsyncEngine:
    engine = create_async_engine(url, connect_args={"timeout": 30})

    @event.listens_for(engine.sync_engine, "connect")
    def set_up(connection: Any, record: object) -> None:
        connection.isolation_level = None
        cursor = connection.cursor()
        cursor.execute("PRAGMA journal_mode = WAL")
        cursor.execute("PRAGMA foreign_keys = ON")
        cursor.close()

    @event.listens_for(engine.sync_engine, "begin")
    def begin(connection: Connection) -> None:
        connection.exec_driver_sql(connection.get_execution_options().get("begin", "BEGIN"))

    return engine


engine = make_engine(DATABASE_URL)
writing = engine.execution_options(begin="BEGIN IMMEDIATE")
# --8<-- [end:engine]


async def main() -> None:
    try:
        # --8<-- [start:use]
        async with engine.connect() as connection:
            for setting in ("journal_mode", "busy_timeout", "foreign_keys"):
                print(setting, await connection.scalar(text(f"PRAGMA {setting}")))
                #> journal_mode wal
                #> busy_timeout 30000
                #> foreign_keys 1
        async with writing.begin() as connection:
            await connection.execute(text("CREATE TABLE IF NOT EXISTS orders (id INTEGER)"))
        print("the same pool:", writing.pool is engine.pool)
        #> the same pool: True
        # --8<-- [end:use]
    finally:
        await engine.dispose()


if __name__ == "__main__":
    asyncio.run(main())
