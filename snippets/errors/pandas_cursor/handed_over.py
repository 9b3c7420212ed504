# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0", "aiosqlite", "asyncpg", "psycopg[binary]"]
# ///
import asyncio
import os
from typing import Any

from sqlalchemy import Connection, text
from sqlalchemy.ext.asyncio import AsyncSession, create_async_engine
from sqlalchemy.orm import Session

DATABASE_URL = os.environ.get("DATABASE_URL", "sqlite+aiosqlite:///greenlit.db")


def read_sql(sql: str, con: Any) -> list[Any]:
    """Of the same form as `pandas.read_sql`, which makes a DataFrame of the rows."""
    if isinstance(con, Connection):
        return list(con.exec_driver_sql(sql))
    cursor = con.cursor()
    cursor.execute(sql)
    return list(cursor.fetchall())


def outcome(con: Any) -> str:
    try:
        return f"`{read_sql('SELECT 42', con)}`"
    except AttributeError as error:
        return f"`{error}`"


def connection_of(session: Session) -> str:
    return outcome(session.connection())


async def main() -> None:
    engine = create_async_engine(DATABASE_URL)
    # --8<-- [start:table]
    print("what the function gets | what it does with it")
    #> what the function gets | what it does with it
    print("the engine |", outcome(engine))
    #> the engine | `'AsyncEngine' object has no attribute 'cursor'`
    async with engine.connect() as connection:
        print("its connection |", outcome(connection))
        #> its connection | `'AsyncConnection' object has no attribute 'cursor'`
        print("in `connection.run_sync`: the connection |", await connection.run_sync(outcome))
        #> in `connection.run_sync`: the connection | `[(42,)]`
    async with AsyncSession(engine) as session:
        print("the session |", outcome(session))
        #> the session | `'AsyncSession' object has no attribute 'cursor'`
        print("in `session.run_sync`: the session |", await session.run_sync(outcome))
        #> in `session.run_sync`: the session | `'Session' object has no attribute 'cursor'`
        print("in `session.run_sync`: `session.connection()` |", await session.run_sync(connection_of))
        #> in `session.run_sync`: `session.connection()` | `[(42,)]`
    # --8<-- [end:table]
    # --8<-- [start:rows]
    async with engine.connect() as connection:
        result = await connection.execute(text("SELECT 42 AS total, 'EUR' AS currency"))
        columns, rows = list(result.keys()), result.all()
    print(columns, rows)
    #> ['total', 'currency'] [(42, 'EUR')]
    # --8<-- [end:rows]
    await engine.dispose()


if __name__ == "__main__":
    asyncio.run(main())
