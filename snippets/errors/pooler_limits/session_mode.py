# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0", "psycopg[binary]"]
# ///
# drivers: psycopg (asyncpg would need other settings first, and who waits is PgBouncer's doing)
# needs: pgbouncer
# unrecorded: how far the third one gets before it waits
import asyncio
import os
import sys

from sqlalchemy import text
from sqlalchemy.engine import URL, make_url
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

DATABASE_URL = os.environ.get("DATABASE_URL") or sys.exit(
    "needs a PgBouncer in transaction mode: "
    "DATABASE_URL=postgresql+psycopg://user:password@localhost:6432/test"
)


# --8<-- [start:three]
async def three_processes(url: URL, look_after: float | None) -> list[str]:
    """Each sends a query and gives its connection back to its own pool, where it stays open."""
    engines = [create_async_engine(url, connect_args={"prepare_threshold": None}) for _ in range(3)]
    first, second, third = engines
    events: list[str] = []

    async def ask(name: str, engine: AsyncEngine) -> None:
        async with engine.connect() as connection:
            await connection.execute(text("SELECT 1"))
        events.append(f"{name} answered")

    await ask("first", first)
    await ask("second", second)
    task = asyncio.create_task(ask("third", third))
    await asyncio.wait([task], timeout=look_after)
    events.append("first closes its pool")
    await first.dispose()
    await task
    for engine in engines:
        await engine.dispose()
    return events


# --8<-- [end:three]


async def main() -> None:
    transaction_mode = make_url(DATABASE_URL)
    session_mode = transaction_mode.set(database=f"{transaction_mode.database}_session")
    # --8<-- [start:modes]
    print(await three_processes(session_mode, look_after=1))
    #> ['first answered', 'second answered', 'first closes its pool', 'third answered']
    print(await three_processes(transaction_mode, look_after=None))
    #> ['first answered', 'second answered', 'third answered', 'first closes its pool']
    # --8<-- [end:modes]


if __name__ == "__main__":
    asyncio.run(main())
