# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0", "asyncpg", "psycopg[binary]"]
# ///
# drivers: asyncpg, psycopg (the setting is PostgreSQL's)
import asyncio
import os
import sys
from typing import Any

from sqlalchemy import event, text
from sqlalchemy.ext.asyncio import AsyncSession, create_async_engine

DATABASE_URL = os.environ.get("DATABASE_URL") or sys.exit(
    "needs PostgreSQL: DATABASE_URL=postgresql+asyncpg://user:password@localhost/test"
)

engine = create_async_engine(DATABASE_URL)


# --8<-- [start:listen]
@event.listens_for(engine.sync_engine, "connect")
def configure(connection: Any, record: Any) -> None:
    cursor = connection.cursor()
    cursor.execute("SET work_mem = '5MB'")
    cursor.close()
    connection.commit()


# --8<-- [end:listen]


async def main() -> None:
    try:
        # --8<-- [start:ask]
        found = []
        for _ in range(2):
            async with AsyncSession(engine) as session:
                found.append(await session.scalar(text("SHOW work_mem")))
        print(found)
        #> ['5MB', '5MB']
        assert found == ["5MB", "5MB"]
        # --8<-- [end:ask]
    finally:
        await engine.dispose()


if __name__ == "__main__":
    asyncio.run(main())
