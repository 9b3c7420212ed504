# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0", "aiosqlite", "asyncpg", "psycopg[binary]"]
# ///
import asyncio
import os
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker, create_async_engine

DATABASE_URL = os.environ.get("DATABASE_URL", "sqlite+aiosqlite:///greenlit.db")

engine = create_async_engine(DATABASE_URL)
session_factory = async_sessionmaker(engine)


async def get_session() -> AsyncIterator[AsyncSession]:
    async with session_factory() as session:
        yield session


async def what_it_says(way: Callable[[], Awaitable[None]]) -> str:
    try:
        await way()
    except (AttributeError, TypeError) as error:
        return str(error)
    return "nothing"


async def use() -> None:
    get_db: Any = get_session

    # --8<-- [start:ways]
    async def execute() -> None:
        await get_db().execute(text("SELECT 1"))

    async def awaiting() -> None:
        await get_db()

    async def calling_next() -> None:
        next(get_db())

    async def loop() -> None:
        for _ in get_db():
            pass

    async def plain_with() -> None:
        with get_db():
            pass

    async def async_with() -> None:
        async with get_db():
            pass

    # --8<-- [end:ways]
    ways = {
        ".execute()": execute,
        "await": awaiting,
        "next()": calling_next,
        "for": loop,
        "with": plain_with,
        "async with": async_with,
    }
    # --8<-- [start:table]
    print("get_db() used with | it says")
    #> get_db() used with | it says
    for written, way in ways.items():
        print(f"{written} | {await what_it_says(way)}")
        #> .execute() | 'async_generator' object has no attribute 'execute'
        #> await | object async_generator can't be used in 'await' expression
        #> next() | 'async_generator' object is not an iterator
        #> for | 'async_generator' object is not iterable
        #> with | 'async_generator' object does not support the context manager protocol
        #> async with | 'async_generator' object does not support the asynchronous context manager protocol
    # --8<-- [end:table]


async def main() -> None:
    try:
        await use()
    finally:
        await engine.dispose()


if __name__ == "__main__":
    asyncio.run(main())
