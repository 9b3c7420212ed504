# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0", "asyncpg", "psycopg[binary]"]
# ///
# drivers: asyncpg, psycopg (the limits in connect_args are PostgreSQL's)
# unrecorded: a hundred tasks at once
import asyncio
import os
import sys

from sqlalchemy import event, text
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, create_async_engine

DATABASE_URL = os.environ.get("DATABASE_URL") or sys.exit(
    "needs PostgreSQL: DATABASE_URL=postgresql+asyncpg://user:password@localhost/test"
)


# --8<-- [start:engine]
def make_engine(url: str) -> AsyncEngine:
    limits = {"statement_timeout": "10s", "idle_in_transaction_session_timeout": "30s"}
    connect_args = (
        {"timeout": 5, "server_settings": limits}
        if "+asyncpg" in url
        else {
            "connect_timeout": 5,
            "options": " ".join(f"-c {name}={value}" for name, value in limits.items()),
        }
    )
    return create_async_engine(
        url,
        pool_size=10,
        max_overflow=0,
        pool_timeout=5,
        pool_pre_ping=True,
        connect_args=connect_args,
    )


# --8<-- [end:engine]


async def main() -> None:
    engine = make_engine(DATABASE_URL)
    connects: list[object] = []
    event.listen(engine.sync_engine, "connect", lambda *_: connects.append(1))

    # --8<-- [start:run]
    async def request() -> str | None:
        async with AsyncSession(engine) as session:
            result: str | None = await session.scalar(text("SHOW statement_timeout"))
            return result

    answers = await asyncio.gather(*(request() for _ in range(100)))
    print(f"{len(answers)} requests at once, {len(connects)} connections, limit {set(answers)}")
    #> 100 requests at once, 10 connections, limit {'10s'}
    # --8<-- [end:run]
    await engine.dispose()


if __name__ == "__main__":
    asyncio.run(main())
