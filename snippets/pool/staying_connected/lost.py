# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0", "asyncpg", "psycopg[binary]"]
# ///
# drivers: asyncpg (it opens both PostgreSQL drivers itself, to set them side by side)
# unrecorded: five requests at once
import asyncio
import os
import sys

from sqlalchemy import text
from sqlalchemy.engine import make_url
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, create_async_engine
from sqlalchemy.pool import NullPool

DATABASE_URL = os.environ.get("DATABASE_URL") or sys.exit(
    "needs PostgreSQL: DATABASE_URL=postgresql+asyncpg://user:password@localhost/test"
)


# --8<-- [start:kill]
async def idle_and_killed(engine: AsyncEngine) -> None:
    """Five connections lie in the pool, and the server ends them."""
    connections = [await engine.connect() for _ in range(5)]
    for connection in connections:
        await connection.execute(text("SET application_name = 'idle'"))
        await connection.commit()
    for connection in connections:
        await connection.close()
    admin = create_async_engine(engine.url, poolclass=NullPool)
    async with admin.connect() as connection:
        kill = (
            "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity"
            " WHERE application_name = 'idle' AND datname = current_database()"
        )
        await connection.execute(text(kill))
    await asyncio.sleep(0.2)  # The end of a connection takes a moment to arrive.


async def request(engine: AsyncEngine) -> bool:
    try:
        async with AsyncSession(engine) as session:
            await session.execute(text("SELECT 1"))
            return True
    except DBAPIError:
        return False


# --8<-- [end:kill]


async def lost(driver: str, ping: bool, at_once: bool) -> int:
    url = make_url(DATABASE_URL).set(drivername=f"postgresql+{driver}")
    engine = create_async_engine(url, pool_pre_ping=ping)
    try:
        await idle_and_killed(engine)
        if at_once:
            answers = await asyncio.gather(*(request(engine) for _ in range(5)))
        else:
            answers = [await request(engine) for _ in range(5)]
        return answers.count(False)
    finally:
        await engine.dispose()


async def main() -> None:
    # --8<-- [start:table]
    print("Five requests | asyncpg | psycopg | asyncpg, pre-ping | psycopg, pre-ping")
    #> Five requests | asyncpg | psycopg | asyncpg, pre-ping | psycopg, pre-ping
    for what, at_once in {"one after the other": False, "at once": True}.items():
        counts = [await lost(d, p, at_once) for p in (False, True) for d in ("asyncpg", "psycopg")]
        print(" | ".join([what, *(f"{count} lost" for count in counts)]))
        #> one after the other | 1 lost | 1 lost | 0 lost | 0 lost
        #> at once | 1 lost | 5 lost | 0 lost | 0 lost
    # --8<-- [end:table]


if __name__ == "__main__":
    asyncio.run(main())
