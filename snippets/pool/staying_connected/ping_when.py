# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0", "aiosqlite", "asyncpg", "psycopg[binary]"]
# ///
import asyncio
import os
from typing import Any

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession, create_async_engine

DATABASE_URL = os.environ.get("DATABASE_URL", "sqlite+aiosqlite:///greenlit.db")

engine = create_async_engine(DATABASE_URL, pool_pre_ping=True)
ping = engine.dialect.do_ping
pings: list[object] = []


def counting_ping(connection: Any) -> bool:
    pings.append(connection)
    return ping(connection)


def counted() -> int:
    count = len(pings)
    pings.clear()
    return count


async def ten_transactions(session: AsyncSession) -> None:
    for _ in range(10):
        await session.execute(text("SELECT 1"))
        await session.commit()


async def main() -> None:
    engine.dialect.do_ping = counting_ping  # type: ignore[assignment]
    try:
        # --8<-- [start:table]
        print("What asks for a connection | pings")
        #> What asks for a connection | pings
        async with engine.connect():
            print("a request that finds the pool empty |", counted())
            #> a request that finds the pool empty | 0
        async with engine.connect():
            print("the next request |", counted())
            #> the next request | 1
        async with AsyncSession(engine) as session:
            await ten_transactions(session)
            print("a session with ten transactions |", counted())
            #> a session with ten transactions | 10
        async with engine.connect() as connection, AsyncSession(connection) as session:
            await ten_transactions(session)
            print("the same, bound to one connection |", counted())
            #> the same, bound to one connection | 1
        # --8<-- [end:table]
    finally:
        await engine.dispose()


if __name__ == "__main__":
    asyncio.run(main())
