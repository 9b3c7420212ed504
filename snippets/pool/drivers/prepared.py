# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0", "asyncpg", "psycopg[binary]"]
# ///
# also: asyncpg==0.31.*, asyncpg==0.30.*
# drivers: asyncpg (it opens both PostgreSQL drivers itself, to set them side by side)
import asyncio
import os
import sys

from sqlalchemy import text
from sqlalchemy.engine import make_url
from sqlalchemy.ext.asyncio import create_async_engine

DATABASE_URL = os.environ.get("DATABASE_URL") or sys.exit(
    "needs PostgreSQL: DATABASE_URL=postgresql+asyncpg://user:password@localhost/test"
)


# --8<-- [start:prepared]
async def prepared_after(driver: str, executions: int) -> int:
    """How many statements the server keeps prepared, when one was executed so often."""
    engine = create_async_engine(make_url(DATABASE_URL).set(drivername=driver))
    try:
        async with engine.connect() as connection:
            for number in range(executions):
                await connection.execute(text("SELECT CAST(:number AS int)"), {"number": number})
            kept = "SELECT count(*) FROM pg_prepared_statements WHERE statement LIKE 'SELECT CAST%'"
            return await connection.scalar(text(kept)) or 0
    finally:
        await engine.dispose()


# --8<-- [end:prepared]


async def main() -> None:
    # --8<-- [start:table]
    print("Executions | prepared with asyncpg | with psycopg")
    #> Executions | prepared with asyncpg | with psycopg
    for executions in (1, 5, 6, 100):
        asyncpg = await prepared_after("postgresql+asyncpg", executions)
        psycopg = await prepared_after("postgresql+psycopg", executions)
        print(f"{executions} | {asyncpg} | {psycopg}")
        #> 1 | 1 | 0
        #> 5 | 1 | 0
        #> 6 | 1 | 1
        #> 100 | 1 | 1
    # --8<-- [end:table]


if __name__ == "__main__":
    asyncio.run(main())
