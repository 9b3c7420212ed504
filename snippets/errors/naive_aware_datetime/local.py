# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0", "asyncpg"]
# ///
# also: asyncpg==0.31.*, asyncpg==0.30.*
# drivers: asyncpg (psycopg leaves it to the zone of the server's session)
import asyncio
import os
import sys
import time
from datetime import UTC, datetime

from sqlalchemy import DateTime, bindparam, select
from sqlalchemy.ext.asyncio import AsyncConnection, create_async_engine

DATABASE_URL = os.environ.get("DATABASE_URL") or sys.exit(
    "needs PostgreSQL: DATABASE_URL=postgresql+asyncpg://user:password@localhost/test"
)


# --8<-- [start:local]
async def ask(connection: AsyncConnection) -> None:
    noon = datetime(2026, 1, 15, 12, 0)
    stored = await connection.scalar(select(bindparam("noon", noon, DateTime(timezone=True))))
    assert stored is not None
    print(stored.astimezone(UTC))
    #> 2026-01-15 17:00:00+00:00


# --8<-- [end:local]


async def main() -> None:
    zone = os.environ.get("TZ")
    engine = create_async_engine(DATABASE_URL)
    try:
        # --8<-- [start:zone]
        os.environ["TZ"] = "America/New_York"
        # --8<-- [end:zone]
        time.tzset()
        async with engine.connect() as connection:
            await ask(connection)
    finally:
        os.environ.pop("TZ")
        os.environ.update({"TZ": zone} if zone else {})
        time.tzset()
        await engine.dispose()


if __name__ == "__main__":
    asyncio.run(main())
