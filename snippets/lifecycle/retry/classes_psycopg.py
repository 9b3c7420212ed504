# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0", "psycopg[binary]"]
# ///
# drivers: psycopg (the class is the driver's; the other one has a file of its own)
import asyncio
import os
import sys

from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

DATABASE_URL = os.environ.get("DATABASE_URL") or sys.exit(
    "needs PostgreSQL: DATABASE_URL=postgresql+psycopg://user:password@localhost/test"
)

CONDITIONS = [
    "serialization_failure",
    "deadlock_detected",
    "lock_not_available",
    "query_canceled",
    "in_failed_sql_transaction",
    "unique_violation",
]


# --8<-- [start:table]
async def compare(engine: AsyncEngine) -> None:
    print("PostgreSQL's condition | `sqlstate` | SQLAlchemy's class")
    #> PostgreSQL's condition | `sqlstate` | SQLAlchemy's class
    for condition in CONDITIONS:
        try:
            async with engine.begin() as connection:
                await connection.execute(text(f"DO $$ BEGIN RAISE {condition}; END $$"))
        except DBAPIError as error:
            state = getattr(error.orig, "sqlstate", None)
            print(f"{condition} | `{state}` | `{type(error).__name__}`")
            #> serialization_failure | `40001` | `OperationalError`
            #> deadlock_detected | `40P01` | `OperationalError`
            #> lock_not_available | `55P03` | `OperationalError`
            #> query_canceled | `57014` | `OperationalError`
            #> in_failed_sql_transaction | `25P02` | `InternalError`
            #> unique_violation | `23505` | `IntegrityError`


# --8<-- [end:table]


async def main() -> None:
    engine = create_async_engine(DATABASE_URL)
    try:
        await compare(engine)
    finally:
        await engine.dispose()


if __name__ == "__main__":
    asyncio.run(main())
