# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0", "asyncpg", "psycopg[binary]"]
# ///
# drivers: asyncpg, psycopg (these are PostgreSQL's)
import asyncio
import os
import sys
from typing import Any

from sqlalchemy import event, text
from sqlalchemy.exc import ProgrammingError
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, create_async_engine

DATABASE_URL = os.environ.get("DATABASE_URL") or sys.exit(
    "needs PostgreSQL: DATABASE_URL=postgresql+asyncpg://user:password@localhost/test"
)

SHOW = "SELECT current_setting('work_mem') = '5MB'"
HELD = "SELECT count(*) = 1 FROM pg_locks WHERE locktype = 'advisory' AND pid = pg_backend_pid()"
EXISTS = "SELECT count(*) = 0 FROM basket"
LISTENS = "SELECT count(*) = 1 FROM pg_listening_channels()"
# --8<-- [start:left]
LEFT = {
    "SET LOCAL, committed": ("SET LOCAL work_mem = '5MB'", SHOW),
    "SET, rolled back": ("SET work_mem = '5MB'", SHOW),
    "SET, committed": ("SET work_mem = '5MB'", SHOW),
    "pg_advisory_lock, rolled back": ("SELECT pg_advisory_lock(7)", HELD),
    "pg_advisory_xact_lock, committed": ("SELECT pg_advisory_xact_lock(7)", HELD),
    "CREATE TEMP TABLE, committed": ("CREATE TEMP TABLE basket (id int)", EXISTS),
    "... ON COMMIT DROP, committed": (
        "CREATE TEMP TABLE basket (id int) ON COMMIT DROP",
        EXISTS,
    ),
    "LISTEN, committed": ("LISTEN orders", LISTENS),
}


async def found(engine: AsyncEngine, what: str) -> bool:
    """Does the next request find what this one left?"""
    leave, ask = LEFT[what]
    async with AsyncSession(engine) as session:
        await session.execute(text(leave))
        if "rolled back" not in what:
            await session.commit()
    async with AsyncSession(engine) as next_request:
        return bool(await next_request.scalar(text(ask)))


# --8<-- [end:left]


# --8<-- [start:clean]
def clean(connection: Any, record: Any, reset_state: Any) -> None:
    if not reset_state.terminate_only:
        connection.rollback()
        cursor = connection.cursor()
        cursor.execute("RESET ALL")
        cursor.execute("SELECT pg_advisory_unlock_all()")
        cursor.execute("DISCARD TEMP")
        cursor.execute("UNLISTEN *")
        cursor.close()
        connection.commit()


def cleaning_engine() -> AsyncEngine:
    engine = create_async_engine(DATABASE_URL)
    event.listen(engine.sync_engine, "reset", clean)
    return engine


# --8<-- [end:clean]


async def answer(engine: AsyncEngine, what: str) -> str:
    try:
        return "still there" if await found(engine, what) else "gone"
    except ProgrammingError:  # There is no such table.
        return "gone"
    finally:
        await engine.dispose()


async def main() -> None:
    # --8<-- [start:table]
    print("One request does | the next finds it | with the listener")
    #> One request does | the next finds it | with the listener
    for what in LEFT:
        plain = await answer(create_async_engine(DATABASE_URL), what)
        print(f"{what} | {plain} | {await answer(cleaning_engine(), what)}")
        #> SET LOCAL, committed | gone | gone
        #> SET, rolled back | gone | gone
        #> SET, committed | still there | gone
        #> pg_advisory_lock, rolled back | still there | gone
        #> pg_advisory_xact_lock, committed | gone | gone
        #> CREATE TEMP TABLE, committed | still there | gone
        #> ... ON COMMIT DROP, committed | gone | gone
        #> LISTEN, committed | still there | gone
    # --8<-- [end:table]


if __name__ == "__main__":
    asyncio.run(main())
