# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0", "aiosqlite", "asyncpg", "psycopg[binary]"]
# ///
# raises: AssertionError
# silent: commit() returns, and the row is not stored; an assert shows it
import asyncio
import os
from contextvars import ContextVar

from sqlalchemy import Connection, event, text
from sqlalchemy.ext.asyncio import AsyncConnection, create_async_engine

DATABASE_URL = os.environ.get("DATABASE_URL", "sqlite+aiosqlite:///greenlit.db")

engine = create_async_engine(DATABASE_URL)
tenant: ContextVar[str] = ContextVar("tenant")


# --8<-- [start:listen]
@event.listens_for(engine.sync_engine, "begin")
def note_tenant(connection: Connection) -> None:
    connection.info["tenant"] = tenant.get()  # LookupError, if there is none.


# --8<-- [end:listen]


async def create_table() -> None:
    tenant.set("setup")
    async with engine.begin() as connection:
        await connection.execute(text("DROP TABLE IF EXISTS orders"))
        await connection.execute(text("CREATE TABLE orders (id int)"))


async def count() -> int:
    async with engine.connect() as connection:
        return await connection.scalar(text("SELECT count(*) FROM orders")) or 0


# --8<-- [start:retry]
async def store(connection: AsyncConnection) -> None:
    await connection.execute(text("INSERT INTO orders VALUES (1)"))
    await connection.commit()


async def request() -> None:
    async with engine.connect() as connection:
        try:
            await store(connection)
        except LookupError:
            tenant.set("shop")
            await store(connection)


# --8<-- [end:retry]


async def main() -> None:
    await asyncio.create_task(create_table())  # What a task sets, the others do not see.
    try:
        # --8<-- [start:stored]
        await request()
        stored = await count()
        print("rows:", stored)
        #> rows: 0
        assert stored == 1
        # --8<-- [end:stored]
    finally:
        await engine.dispose()


if __name__ == "__main__":
    asyncio.run(main())
