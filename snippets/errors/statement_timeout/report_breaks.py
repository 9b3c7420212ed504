# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0", "asyncpg", "psycopg[binary]"]
# ///
# also: asyncpg==0.31.*, asyncpg==0.30.*, psycopg==3.2.*
# drivers: asyncpg, psycopg (SQLite has no statement_timeout)
# raises: sqlalchemy.exc.DBAPIError, sqlalchemy.exc.OperationalError
import asyncio
import os
import sys

from sqlalchemy import make_url, text
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker, create_async_engine

DATABASE_URL = os.environ.get("DATABASE_URL") or sys.exit(
    "needs PostgreSQL: DATABASE_URL=postgresql+asyncpg://user:password@localhost/test"
)

# --8<-- [start:limit]
LIMIT = {
    "asyncpg": {"server_settings": {"statement_timeout": "300ms"}},
    "psycopg": {"options": "-c statement_timeout=300ms"},
}
# --8<-- [end:limit]


# --8<-- [start:report]
async def yearly_report(session_factory: async_sessionmaker[AsyncSession]) -> str:
    async with session_factory() as session:
        return str(await session.scalar(text("SELECT 'a long report' FROM pg_sleep(1)")))


# --8<-- [end:report]


async def main() -> None:
    # --8<-- [start:engine]
    driver = make_url(DATABASE_URL).get_driver_name()
    engine = create_async_engine(DATABASE_URL, connect_args=LIMIT[driver])
    # --8<-- [end:engine]
    try:
        print(await yearly_report(async_sessionmaker(engine)))
    finally:
        await engine.dispose()


if __name__ == "__main__":
    asyncio.run(main())
