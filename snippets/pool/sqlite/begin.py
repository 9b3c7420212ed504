# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0", "aiosqlite"]
# ///
# drivers: aiosqlite (BEGIN IMMEDIATE is SQLite's)
import asyncio
import os
from typing import Any

from sqlalchemy import Connection, event, text
from sqlalchemy.exc import OperationalError
from sqlalchemy.ext.asyncio import create_async_engine

DATABASE_URL = os.environ.get("DATABASE_URL", "sqlite+aiosqlite:///greenlit.db")

engine = create_async_engine(DATABASE_URL, connect_args={"timeout": 0})


@event.listens_for(engine.sync_engine, "connect")
def leave_begin_to_us(connection: Any, record: object) -> None:
    connection.isolation_level = None


@event.listens_for(engine.sync_engine, "begin")
def begin(connection: Connection) -> None:
    connection.exec_driver_sql("BEGIN IMMEDIATE")


async def main() -> None:
    try:
        async with engine.begin() as connection:
            await connection.execute(text("DROP TABLE IF EXISTS orders"))
            await connection.execute(text("CREATE TABLE orders (id INTEGER)"))
        # --8<-- [start:retry]
        order = text("INSERT INTO orders VALUES (1)")
        async with engine.connect() as other, engine.connect() as connection:
            await other.begin()  # It has the write lock.
            try:
                await connection.execute(order)
            except OperationalError as error:
                print(error.orig)
                #> database is locked
                await other.rollback()
                await connection.begin()
            await connection.execute(order)
            await connection.rollback()
        # --8<-- [end:retry]
        # --8<-- [start:left]
        async with engine.connect() as connection:
            left = await connection.scalar(text("SELECT count(*) FROM orders"))
        print("rows after the rollback:", left)
        #> rows after the rollback: 0
        assert left == 0
        # --8<-- [end:left]
    finally:
        await engine.dispose()


if __name__ == "__main__":
    asyncio.run(main())
