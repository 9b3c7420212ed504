# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0", "psycopg[binary]"]
# ///
# also: psycopg==3.2.*
# drivers: psycopg (what breaks is PgBouncer's doing, and asyncpg would need other settings first)
# needs: pgbouncer
# silent: the tenant that one request has set is the tenant of the next
import asyncio
import os
import sys

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection, create_async_engine
from sqlalchemy.pool import NullPool

DATABASE_URL = os.environ.get("DATABASE_URL") or sys.exit(
    "needs a PgBouncer in transaction mode: "
    "DATABASE_URL=postgresql+psycopg://user:password@localhost:6432/test"
)


# --8<-- [start:requests]
async def request_of_a_tenant(connection: AsyncConnection) -> None:
    await connection.execute(text("SELECT set_config('app.tenant', 'acme', false)"))
    await connection.commit()


async def request_of_nobody(connection: AsyncConnection) -> str:
    return await connection.scalar(text("SELECT current_setting('app.tenant', true)")) or "nobody"


# --8<-- [end:requests]


async def main() -> None:
    arguments = {"prepare_threshold": None}
    engine = create_async_engine(DATABASE_URL, poolclass=NullPool, connect_args=arguments)
    # --8<-- [start:client]
    async with engine.connect() as first, engine.connect() as second:
        await request_of_a_tenant(first)
        print(f"the second client is {await request_of_nobody(second)}")
        #> the second client is acme
    # --8<-- [end:client]
    await engine.dispose()


if __name__ == "__main__":
    asyncio.run(main())
