# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0", "aiosqlite", "asyncpg", "psycopg[binary]"]
# ///
import asyncio
import os
from typing import Any

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection, create_async_engine

DATABASE_URL = os.environ.get("DATABASE_URL", "sqlite+aiosqlite:///greenlit.db")

engine = create_async_engine(DATABASE_URL, pool_pre_ping=True)


async def cut_off(connection: AsyncConnection) -> None:
    """Close it behind the pool's back, as a proxy or a restart would."""
    pooled = await connection.get_raw_connection()
    driver_connection: Any = pooled.driver_connection
    await connection.close()
    await driver_connection.close()


async def main() -> None:
    dead, alive = await engine.connect(), await engine.connect()
    await cut_off(dead)
    await alive.close()
    # --8<-- [start:ping]
    for _ in range(3):  # Two connections lie in the pool. The first is dead.
        async with engine.connect() as connection:
            await connection.execute(text("SELECT 1"))
    # --8<-- [end:ping]
    # --8<-- [start:invalidate]
    async with engine.connect() as connection:
        await connection.execute(text("SELECT 1"))
        await connection.invalidate()
    # --8<-- [end:invalidate]
    await engine.dispose()


if __name__ == "__main__":
    asyncio.run(main())
