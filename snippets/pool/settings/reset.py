# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0", "asyncpg", "psycopg[binary]"]
# ///
# drivers: asyncpg, psycopg (the server says what state a connection is in, and SQLite has no such view)
import asyncio
import os
import sys
from collections.abc import Awaitable, Callable
from typing import Any

from sqlalchemy import Connection, text
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, create_async_engine

DATABASE_URL = os.environ.get("DATABASE_URL") or sys.exit(
    "needs PostgreSQL: DATABASE_URL=postgresql+asyncpg://user:password@localhost/test"
)

watcher = create_async_engine(DATABASE_URL, isolation_level="AUTOCOMMIT")


# --8<-- [start:ways]
async def by_session(engine: AsyncEngine) -> None:
    async with AsyncSession(engine) as session:
        await session.execute(text("INSERT INTO notes VALUES ('a note')"))  # No commit.


async def by_connection(engine: AsyncEngine) -> None:
    async with engine.connect() as connection:
        await connection.execute(text("INSERT INTO notes VALUES ('a note')"))  # No commit.


def insert(connection: Connection) -> None:
    cursor = connection.connection.cursor()  # SQLAlchemy does not see what this one does.
    cursor.execute("INSERT INTO notes VALUES ('a note')")


async def by_driver(engine: AsyncEngine) -> None:
    async with engine.connect() as connection:
        await connection.run_sync(insert)  # No commit either.


# --8<-- [end:ways]


async def outcome(style: Any, way: Callable[[AsyncEngine], Awaitable[None]]) -> str:
    engine = create_async_engine(DATABASE_URL, pool_reset_on_return=style)
    async with watcher.connect() as connection:
        await connection.execute(text("DROP TABLE IF EXISTS notes"))
        await connection.execute(text("CREATE TABLE notes (body text)"))
        async with engine.connect() as watched:
            pid = await watched.scalar(text("SELECT pg_backend_pid()"))
        await way(engine)
        stored = await connection.scalar(text("SELECT count(*) FROM notes"))
        query = text("SELECT state FROM pg_stat_activity WHERE pid = :pid")
        state = await connection.scalar(query, {"pid": pid})
        await engine.dispose()
    return f"{stored} | {state}"


async def main() -> None:
    # --8<-- [start:table]
    print("pool_reset_on_return | who wrote | rows stored | the connection in the pool")
    #> pool_reset_on_return | who wrote | rows stored | the connection in the pool
    ways = {"session": by_session, "connection": by_connection, "driver's cursor": by_driver}
    for style in ("rollback", "commit", None):
        for who, way in ways.items():
            print(f"{style} | {who} | {await outcome(style, way)}")
            #> rollback | session | 0 | idle
            #> rollback | connection | 0 | idle
            #> rollback | driver's cursor | 0 | idle
            #> commit | session | 0 | idle
            #> commit | connection | 0 | idle
            #> commit | driver's cursor | 1 | idle
            #> None | session | 0 | idle
            #> None | connection | 0 | idle
            #> None | driver's cursor | 0 | idle in transaction
    # --8<-- [end:table]
    await watcher.dispose()


if __name__ == "__main__":
    asyncio.run(main())
