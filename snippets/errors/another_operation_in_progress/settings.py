# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0", "asyncpg"]
# ///
# also: asyncpg==0.31.*, asyncpg==0.30.*
# drivers: asyncpg (psycopg and aiosqlite make the second task wait)
# unrecorded: two tasks at once, and what each of them sends comes in no fixed order
import asyncio
import os
import sys
from typing import Any

from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, create_async_engine
from sqlalchemy.pool import NullPool

DATABASE_URL = os.environ.get("DATABASE_URL") or sys.exit(
    "needs PostgreSQL: DATABASE_URL=postgresql+asyncpg://user:password@localhost/test"
)


async def rename_user(engine: AsyncEngine) -> None:
    async with AsyncSession(engine) as session:
        await session.execute(text("SELECT 1"))
        counting = asyncio.create_task(session.execute(text("SELECT pg_sleep(0.3)")))
        await asyncio.sleep(0.05)
        try:
            await session.commit()
        finally:
            await counting


async def outcome(engine: AsyncEngine) -> str:
    try:
        await rename_user(engine)
    except DBAPIError as error:
        return str(error.orig)
    return "works"


# --8<-- [start:table]
SETTINGS: dict[str, dict[str, Any]] = {
    "a pool of 20": {"pool_size": 20},
    "`poolclass=NullPool`": {"poolclass": NullPool},
    "`pool_pre_ping=True`": {"pool_pre_ping": True},
    '`isolation_level="AUTOCOMMIT"`': {"isolation_level": "AUTOCOMMIT"},
}


async def compare(url: str) -> None:
    print("engine | outcome")
    #> engine | outcome
    for name, settings in SETTINGS.items():
        engine = create_async_engine(url, **settings)
        print(f"{name} | {await outcome(engine)}")
        #> a pool of 20 | cannot perform operation: another operation is in progress
        #> `poolclass=NullPool` | cannot perform operation: another operation is in progress
        #> `pool_pre_ping=True` | cannot perform operation: another operation is in progress
        #> `isolation_level="AUTOCOMMIT"` | works
        await engine.dispose()


# --8<-- [end:table]


async def main() -> None:
    await compare(DATABASE_URL)


if __name__ == "__main__":
    asyncio.run(main())
