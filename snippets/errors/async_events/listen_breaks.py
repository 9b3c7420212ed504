# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0", "aiosqlite", "asyncpg", "psycopg[binary]"]
# ///
# raises: NotImplementedError
import asyncio
import os
from typing import Any

from sqlalchemy import event, text
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

DATABASE_URL = os.environ.get("DATABASE_URL", "sqlite+aiosqlite:///greenlit.db")


# --8<-- [start:listen]
def log_connects(engine: AsyncEngine) -> None:
    @event.listens_for(engine, "connect")
    def connected(dbapi_connection: Any, connection_record: Any) -> None:
        print("a new connection")


# --8<-- [end:listen]


async def main() -> None:
    engine = create_async_engine(DATABASE_URL)
    try:
        log_connects(engine)
        async with engine.connect() as connection:
            await connection.execute(text("SELECT 1"))
    finally:
        await engine.dispose()


if __name__ == "__main__":
    asyncio.run(main())
