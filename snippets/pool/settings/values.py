# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0.38", "aiosqlite", "asyncpg", "psycopg[binary]"]
# ///
import asyncio
import os
from contextlib import AsyncExitStack
from typing import Any

from sqlalchemy.exc import ArgumentError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.ext.asyncio import create_async_engine
from sqlalchemy.pool import NullPool, QueuePool

DATABASE_URL = os.environ.get("DATABASE_URL", "sqlite+aiosqlite:///greenlit.db")


# --8<-- [start:try]
async def twenty_at_once(**settings: Any) -> str:
    """How many are handed out, and how many stay open when all have come back."""
    try:
        engine = create_async_engine(DATABASE_URL, **settings)
    except (ArgumentError, TypeError) as error:
        return f"{type(error).__name__} | -"
    opened, outcome = 0, ""
    async with AsyncExitStack() as stack:
        try:
            for _ in range(20):
                async with asyncio.timeout(1):
                    await stack.enter_async_context(engine.connect())
                opened += 1
        except PoolTimeout:
            outcome = ", then sqlalchemy.exc.TimeoutError"
        except TimeoutError:
            outcome = ", and the next one waits without a limit"
    kept = getattr(engine.pool, "checkedin", lambda: 0)()  # NullPool has no such method.
    await engine.dispose()
    return f"{opened}{outcome} | {kept}"


# --8<-- [end:try]
# --8<-- [start:settings]
SETTINGS: list[dict[str, Any]] = [
    {"pool_timeout": 0.1},
    {"pool_size": 0},
    {"max_overflow": -1},
    {"pool_size": 5, "max_overflow": 0, "pool_timeout": 0},
    {"pool_size": 5, "max_overflow": 0, "pool_timeout": None},
    {"poolclass": NullPool},
    {"poolclass": NullPool, "pool_size": 5},
    {"poolclass": QueuePool},
]


# --8<-- [end:settings]


def written(value: Any) -> str:
    return value.__name__ if isinstance(value, type) else str(value)


async def main() -> None:
    # --8<-- [start:table]
    print("Settings | 20 connections at once | kept in the pool")
    #> Settings | 20 connections at once | kept in the pool
    for settings in SETTINGS:
        name = ", ".join(f"{key}={written(value)}" for key, value in settings.items())
        print(f"{name} | {await twenty_at_once(**settings)}")
        #> pool_timeout=0.1 | 15, then sqlalchemy.exc.TimeoutError | 5
        #> pool_size=0 | 20 | 20
        #> max_overflow=-1 | 20 | 5
        #> pool_size=5, max_overflow=0, pool_timeout=0 | 5, then sqlalchemy.exc.TimeoutError | 5
        #> pool_size=5, max_overflow=0, pool_timeout=None | 5, and the next one waits without a limit | 5
        #> poolclass=NullPool | 20 | 0
        #> poolclass=NullPool, pool_size=5 | TypeError | -
        #> poolclass=QueuePool | ArgumentError | -
    # --8<-- [end:table]


if __name__ == "__main__":
    asyncio.run(main())
