# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0", "asyncpg", "psycopg[binary]"]
# ///
# raises: sqlalchemy.exc.TimeoutError
# drivers: asyncpg, psycopg (pg_sleep is the long query)
# unrecorded: four requests at once
import asyncio
import os
import sys

from sqlalchemy import text
from sqlalchemy.ext.asyncio import async_sessionmaker, create_async_engine

DATABASE_URL = os.environ.get("DATABASE_URL") or sys.exit(
    "needs PostgreSQL: DATABASE_URL=postgresql+asyncpg://user:password@localhost/test"
)

# --8<-- [start:small]
engine = create_async_engine(
    DATABASE_URL,
    pool_size=2,
    max_overflow=0,
    pool_timeout=0.1,
)
session_factory = async_sessionmaker(engine)


async def report() -> None:
    async with session_factory() as session:
        await session.execute(text("SELECT pg_sleep(1)"))


# --8<-- [end:small]


async def main() -> None:
    try:
        # --8<-- [start:four]
        four = [report() for _ in range(4)]
        ends = await asyncio.gather(*four, return_exceptions=True)
        print([type(end).__name__ for end in ends])
        #> ['NoneType', 'NoneType', 'TimeoutError', 'TimeoutError']
        # --8<-- [end:four]
        for end in ends:
            if end is not None:
                raise end
    finally:
        await engine.dispose()


if __name__ == "__main__":
    asyncio.run(main())
