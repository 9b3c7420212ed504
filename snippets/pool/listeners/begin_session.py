# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0", "aiosqlite", "asyncpg", "psycopg[binary]"]
# ///
import asyncio
import os
from contextvars import ContextVar

from sqlalchemy import Connection, event, text
from sqlalchemy.ext.asyncio import AsyncSession, create_async_engine

DATABASE_URL = os.environ.get("DATABASE_URL", "sqlite+aiosqlite:///greenlit.db")

engine = create_async_engine(DATABASE_URL)
tenant: ContextVar[str] = ContextVar("tenant")


@event.listens_for(engine.sync_engine, "begin")
def note_tenant(connection: Connection) -> None:
    connection.info["tenant"] = tenant.get()  # LookupError, if there is none.


async def create_table() -> None:
    tenant.set("setup")
    async with engine.begin() as connection:
        await connection.execute(text("DROP TABLE IF EXISTS orders"))
        await connection.execute(text("CREATE TABLE orders (id int)"))


async def count() -> int:
    async with engine.connect() as connection:
        return await connection.scalar(text("SELECT count(*) FROM orders")) or 0


async def main() -> None:
    await asyncio.create_task(create_table())  # What a task sets, the others do not see.
    try:
        # --8<-- [start:session]
        order = text("INSERT INTO orders VALUES (1)")
        async with AsyncSession(engine) as session:
            try:
                await session.execute(order)
            except LookupError:
                tenant.set("shop")
                await session.execute(order)
            await session.commit()
        print("rows:", await count())
        #> rows: 1
        # --8<-- [end:session]
    finally:
        await engine.dispose()


if __name__ == "__main__":
    asyncio.run(main())
