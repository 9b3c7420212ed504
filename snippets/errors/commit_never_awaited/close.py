# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0.38", "aiosqlite", "asyncpg", "psycopg[binary]"]
# ///
import asyncio
import inspect
import os

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker, create_async_engine

DATABASE_URL = os.environ.get("DATABASE_URL", "sqlite+aiosqlite:///greenlit.db")


async def main() -> None:
    # --8<-- [start:methods]
    names = "add add_all close commit delete execute expire expunge flush get merge refresh"
    for awaited in (True, False):
        found = [n for n in names.split() if awaited is inspect.iscoroutinefunction(getattr(AsyncSession, n))]
        print("await:   " if awaited else "no await:", *found)
        #> await:    close commit delete execute flush get merge refresh
        #> no await: add add_all expire expunge
    # --8<-- [end:methods]
    engine = create_async_engine(DATABASE_URL, pool_size=1, max_overflow=0)
    session_factory = async_sessionmaker(engine)
    try:
        # --8<-- [start:close]
        session = session_factory()
        await session.execute(text("SELECT 1"))
        forgotten = session.close()
        print(engine.pool.status().partition("Current Checked out connections: ")[2])
        #> 1
        await forgotten
        print(engine.pool.status().partition("Current Checked out connections: ")[2])
        #> 0
        # --8<-- [end:close]
    finally:
        await engine.dispose()


if __name__ == "__main__":
    asyncio.run(main())
