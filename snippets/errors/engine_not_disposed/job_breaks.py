# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0", "aiosqlite", "asyncpg", "psycopg[binary]"]
# ///
# raises: ResourceWarning
# leaks: nobody closes the engine, which is what this shows
import asyncio
import gc
import os
import warnings

from sqlalchemy import text
from sqlalchemy.ext.asyncio import create_async_engine

DATABASE_URL = os.environ.get("DATABASE_URL", "sqlite+aiosqlite:///greenlit.db")


# --8<-- [start:job]
async def job() -> None:
    engine = create_async_engine(DATABASE_URL)
    async with engine.connect() as connection:
        await connection.execute(text("SELECT 1"))


# --8<-- [end:job]


def run_and_exit() -> list[Warning]:
    """Run it, end, and see what Python complains of when it throws the connections away."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        asyncio.run(job())
        gc.collect()
    messages = [warning.message for warning in caught if isinstance(warning.message, Warning)]
    return [message for message in messages if "connection" in str(message).lower()]


if __name__ == "__main__":
    # --8<-- [start:exit]
    for warning in run_and_exit():
        raise warning
    # --8<-- [end:exit]
