# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0", "psycopg[binary]"]
# ///
# also: psycopg==3.2.*
# drivers: psycopg (what breaks is PgBouncer's doing, and asyncpg would need other settings first)
# needs: pgbouncer
import asyncio
import os
import sys

from sqlalchemy import text
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ProgrammingError
from sqlalchemy.ext.asyncio import AsyncConnection, create_async_engine
from sqlalchemy.pool import NullPool

DATABASE_URL = os.environ.get("DATABASE_URL") or sys.exit(
    "needs a PgBouncer in transaction mode: "
    "DATABASE_URL=postgresql+psycopg://user:password@localhost:6432/test"
)

# --8<-- [start:features]
FEATURES = {
    "SET": ("SET work_mem = '5MB'", "SELECT current_setting('work_mem') = '5MB'"),
    "advisory lock": ("SELECT pg_advisory_lock(7)", "SELECT pg_advisory_unlock(7)"),
    "temporary table": ("CREATE TEMP TABLE basket (id int)", "SELECT count(*) = 0 FROM basket"),
    "LISTEN": ("LISTEN orders", "SELECT count(*) = 1 FROM pg_listening_channels()"),
}


async def is_kept(url: URL, prepare: str, ask: str) -> bool:
    """Is what a client prepares in one transaction still there in its next one?"""
    # prepare_threshold=None: no prepared statements, so that only the feature is tried.
    engine = create_async_engine(url, poolclass=NullPool, connect_args={"prepare_threshold": None})
    try:
        async with engine.connect() as client, engine.connect() as another:
            await client.execute(text(prepare))
            await client.commit()
            # Another client works meanwhile, and gets a connection that is free.
            await another.execute(text("SELECT 1"))
            return await answer(client, ask)
    finally:
        await engine.dispose()


# --8<-- [end:features]


async def answer(client: AsyncConnection, ask: str) -> bool:
    try:
        return bool(await client.scalar(text(ask)))
    except ProgrammingError:  # There is no such table.
        return False


async def main() -> None:
    transaction_mode = make_url(DATABASE_URL)
    session_mode = transaction_mode.set(database=f"{transaction_mode.database}_session")
    # --8<-- [start:table]
    print("What | session mode | transaction mode")
    #> What | session mode | transaction mode
    for what, (prepare, ask) in FEATURES.items():
        in_session = "kept" if await is_kept(session_mode, prepare, ask) else "lost"
        in_transaction = "kept" if await is_kept(transaction_mode, prepare, ask) else "lost"
        print(f"{what} | {in_session} | {in_transaction}")
        #> SET | kept | lost
        #> advisory lock | kept | lost
        #> temporary table | kept | lost
        #> LISTEN | kept | lost
    # --8<-- [end:table]


if __name__ == "__main__":
    asyncio.run(main())
