# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0", "asyncpg", "psycopg[binary]"]
# ///
# drivers: asyncpg, psycopg (the setting is PostgreSQL's)
import asyncio
import os
import sys
from collections.abc import Awaitable, Callable
from typing import Any

from sqlalchemy import event, text
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, create_async_engine

DATABASE_URL = os.environ.get("DATABASE_URL") or sys.exit(
    "needs PostgreSQL: DATABASE_URL=postgresql+asyncpg://user:password@localhost/test"
)


# --8<-- [start:ways]
def set_it(connection: Any, record: Any) -> None:
    cursor = connection.cursor()
    cursor.execute("SET work_mem = '5MB'")
    cursor.close()


def set_and_commit(connection: Any, record: Any) -> None:
    set_it(connection, record)
    connection.commit()


def listening(listener: Callable[..., None], **settings: Any) -> AsyncEngine:
    engine = create_async_engine(DATABASE_URL, **settings)
    event.listen(engine.sync_engine, "connect", listener)
    return engine


def with_arguments() -> AsyncEngine:
    arguments: dict[str, Any] = {"options": "-c work_mem=5MB"}
    if "asyncpg" in DATABASE_URL:
        arguments = {"server_settings": {"work_mem": "5MB"}}
    return create_async_engine(DATABASE_URL, connect_args=arguments)


WAYS: dict[str, Callable[[], AsyncEngine]] = {
    "`SET`": lambda: listening(set_it),
    "`SET`, under AUTOCOMMIT": lambda: listening(set_it, isolation_level="AUTOCOMMIT"),
    "`SET` and commit": lambda: listening(set_and_commit),
    "`connect_args`": with_arguments,
}
# --8<-- [end:ways]


async def commits(session: AsyncSession) -> None:
    await session.execute(text("SELECT 1"))
    await session.commit()


async def rolls_back(session: AsyncSession) -> None:
    await session.execute(text("SELECT 1"))
    await session.rollback()


async def is_closed(session: AsyncSession) -> None:
    await session.execute(text("SELECT 1"))


async def resets_all(session: AsyncSession) -> None:
    await session.execute(text("RESET ALL"))
    await session.commit()


async def kept(engine: AsyncEngine, first: Callable[[AsyncSession], Awaitable[None]]) -> str:
    async with AsyncSession(engine) as session:
        await first(session)
    async with AsyncSession(engine) as session:
        found = await session.scalar(text("SHOW work_mem"))
    await engine.dispose()
    return "kept" if found == "5MB" else "lost"


async def main() -> None:
    # --8<-- [start:table]
    print(" | ".join(["The first transaction", *WAYS]))
    #> The first transaction | `SET` | `SET`, under AUTOCOMMIT | `SET` and commit | `connect_args`
    for first in (commits, rolls_back, is_closed, resets_all):
        cells = [await kept(make_engine(), first) for make_engine in WAYS.values()]
        print(" | ".join([first.__name__.replace("_", " "), *cells]))
        #> commits | kept | kept | kept | kept
        #> rolls back | lost | kept | kept | kept
        #> is closed | lost | kept | kept | kept
        #> resets all | lost | lost | lost | kept
    # --8<-- [end:table]


if __name__ == "__main__":
    asyncio.run(main())
