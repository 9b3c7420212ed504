# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0.22", "psycopg[binary]"]
# ///
# drivers: psycopg (it is about psycopg's notifies)
import asyncio
import os
import sys

import psycopg
from sqlalchemy import func, make_url, select
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, create_async_engine

DATABASE_URL = os.environ.get("DATABASE_URL") or sys.exit(
    "needs PostgreSQL: DATABASE_URL=postgresql+psycopg://user:password@localhost/test"
)
DSN = make_url(DATABASE_URL).set(drivername="postgresql").render_as_string(hide_password=False)


async def announce(engine: AsyncEngine, payload: str) -> None:
    async with AsyncSession(engine) as session:
        await session.execute(select(func.pg_notify("orders", payload)))
        await session.commit()


async def main() -> None:
    engine = create_async_engine(DATABASE_URL)
    try:
        # --8<-- [start:hear]
        async with await psycopg.AsyncConnection.connect(DSN, autocommit=True) as connection:
            await connection.execute("LISTEN orders")
            await announce(engine, "2")
            # It was sent before. What never comes has no event to wait for, so the five seconds are for a busy machine.
            heard = [notify.payload async for notify in connection.notifies(timeout=5, stop_after=1)]
            print("heard:", heard)
            #> heard: ['2']
        # --8<-- [end:hear]
    finally:
        await engine.dispose()


if __name__ == "__main__":
    asyncio.run(main())
