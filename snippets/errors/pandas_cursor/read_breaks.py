# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0", "aiosqlite", "asyncpg", "psycopg[binary]"]
# ///
# raises: AttributeError
import asyncio
import os
from typing import Any

from sqlalchemy import Connection
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

DATABASE_URL = os.environ.get("DATABASE_URL", "sqlite+aiosqlite:///greenlit.db")


# --8<-- [start:library]
def read_sql(sql: str, con: Any) -> list[Any]:
    """Of the same form as `pandas.read_sql`, which makes a DataFrame of the rows."""
    if isinstance(con, Connection):
        return list(con.exec_driver_sql(sql))
    cursor = con.cursor()
    cursor.execute(sql)
    return list(cursor.fetchall())


# --8<-- [end:library]


# --8<-- [start:read]
async def total(engine: AsyncEngine) -> None:
    sql = "SELECT 20 + 22 AS total"
    rows = read_sql(sql, engine)
    print(rows)


# --8<-- [end:read]


async def main() -> None:
    engine = create_async_engine(DATABASE_URL)
    try:
        await total(engine)
    finally:
        await engine.dispose()


if __name__ == "__main__":
    asyncio.run(main())
