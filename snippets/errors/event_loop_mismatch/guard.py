# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0", "aiosqlite", "asyncpg", "psycopg[binary]"]
# ///
import asyncio
import os
from typing import Any

from sqlalchemy import event, text
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine
from sqlalchemy.pool import ConnectionPoolEntry

DATABASE_URL = os.environ.get("DATABASE_URL", "sqlite+aiosqlite:///greenlit.db")


# --8<-- [start:guard]
def refuse_foreign_loops(engine: AsyncEngine) -> None:
    @event.listens_for(engine.sync_engine, "connect")
    def remember(_: Any, entry: ConnectionPoolEntry) -> None:
        entry.info["loop"] = asyncio.get_running_loop()

    @event.listens_for(engine.sync_engine, "checkout")
    def compare(_: Any, entry: ConnectionPoolEntry, fairy: Any) -> None:
        loop = asyncio.get_running_loop()
        if entry.info.setdefault("loop", loop) is not loop:  # None yet, if it was opened before.
            raise RuntimeError("this connection belongs to another event loop")


# --8<-- [end:guard]


# --8<-- [start:run]
async def work(engine: AsyncEngine) -> None:
    async with engine.connect() as connection:
        await connection.execute(text("SELECT 1"))


def main() -> None:
    engine = create_async_engine(DATABASE_URL)
    refuse_foreign_loops(engine)
    with asyncio.Runner() as first, asyncio.Runner() as second:
        first.run(work(engine))
        try:
            second.run(work(engine))
        except RuntimeError as error:
            print(error)
            #> this connection belongs to another event loop
        first.run(engine.dispose())


# --8<-- [end:run]


if __name__ == "__main__":
    main()
