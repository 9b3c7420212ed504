# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0", "asyncpg"]
# ///
# drivers: asyncpg (it is asyncpg's own method that is awaited)
import asyncio
import os
import sys
from typing import Any

from sqlalchemy import event, text
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

DATABASE_URL = os.environ.get("DATABASE_URL") or sys.exit(
    "needs PostgreSQL: DATABASE_URL=postgresql+asyncpg://user:password@localhost/test"
)


# --8<-- [start:listen]
def name_connections(engine: AsyncEngine) -> None:
    @event.listens_for(engine.sync_engine, "connect")
    def connected(dbapi_connection: Any, connection_record: Any) -> None:
        dbapi_connection.run_async(
            lambda asyncpg_connection: asyncpg_connection.execute("SET application_name = 'shop'")
        )


# --8<-- [end:listen]


async def main() -> None:
    engine = create_async_engine(DATABASE_URL)
    try:
        name_connections(engine)
        async with engine.connect() as connection:
            print(await connection.scalar(text("SHOW application_name")))
            #> shop
    finally:
        await engine.dispose()


if __name__ == "__main__":
    asyncio.run(main())
