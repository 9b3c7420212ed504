# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0", "psycopg[binary]"]
# ///
# also: psycopg==3.2.*
# drivers: psycopg (asyncpg would need other settings first, and who shares is PgBouncer's doing)
# needs: pgbouncer
# unrecorded: ten tasks at once
import asyncio
import os
import sys

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession, create_async_engine

DATABASE_URL = os.environ.get("DATABASE_URL") or sys.exit(
    "needs a PgBouncer in transaction mode: "
    "DATABASE_URL=postgresql+psycopg://user:password@localhost:6432/test"
)


async def main() -> None:
    # --8<-- [start:share]
    engine = create_async_engine(
        DATABASE_URL, pool_size=10, max_overflow=0, connect_args={"prepare_threshold": None}
    )

    async def request() -> int:
        async with AsyncSession(engine) as session:
            query = text("SELECT pg_backend_pid() FROM pg_sleep(0.1)")
            return await session.scalar(query) or 0

    processes = await asyncio.gather(*(request() for _ in range(10)))
    print(f"{engine.pool.checkedin()} connections here, {len(set(processes))} in the server")  # type: ignore[attr-defined]
    #> 10 connections here, 2 in the server
    # --8<-- [end:share]
    await engine.dispose()


if __name__ == "__main__":
    asyncio.run(main())
