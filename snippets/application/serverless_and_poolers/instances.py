# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0.22", "asyncpg", "psycopg[binary]"]
# ///
# drivers: asyncpg, psycopg (SQLite has no server that counts)
# needs: server
# unrecorded: fifteen sessions at once, and it looks again until the server has closed what was closed
import asyncio
import os
import sys
from typing import Any

from sqlalchemy import NullPool, QueuePool, text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, AsyncSession, create_async_engine

DATABASE_URL = os.environ.get("DATABASE_URL") or sys.exit(
    "needs a PostgreSQL of its own with 12 connections: "
    "DATABASE_URL=postgresql+asyncpg://user:password@localhost/test"
)
INSTANCES = 5
# --8<-- [start:pools]
POOLS: dict[str, tuple[int, dict[str, Any]]] = {  # What a pool may open, and its settings.
    "the default": (15, {}),
    "pool_size=2, max_overflow=0": (2, {"pool_size": 2, "max_overflow": 0}),
    "NullPool": (1000, {"poolclass": NullPool}),
}
# --8<-- [end:pools]


# --8<-- [start:requests]
class Requests:
    """Each keeps its connection until all have one that can get one."""

    def __init__(self, at_once: int) -> None:
        self.expected, self.connected, self.refused = at_once, 0, 0
        self.go_on = asyncio.Event()

    async def request(self, engine: AsyncEngine) -> None:
        async with AsyncSession(engine) as session:
            try:
                await session.execute(text("SELECT 1"))
                self.connected += not self.go_on.is_set()
            except Exception:
                self.refused += 1
            if self.connected + self.refused == self.expected:
                self.go_on.set()
            await self.go_on.wait()


# --8<-- [end:requests]


async def until_open(connection: AsyncConnection, count: int) -> int:
    """The server ends a process a moment after its client has gone."""
    others = text(
        "SELECT count(*) FROM pg_stat_activity WHERE backend_type = 'client backend' AND pid <> pg_backend_pid()"
    )
    while await connection.scalar(others) != count:
        await asyncio.sleep(0.02)
    return count


async def try_out(server: AsyncConnection, pool: str, each: int) -> str:
    may_open, settings = POOLS[pool]
    engines = [create_async_engine(DATABASE_URL, **settings) for _ in range(INSTANCES)]
    requests = Requests(INSTANCES * min(each, may_open))
    await asyncio.gather(*(requests.request(engine) for engine in engines for _ in range(each)))
    kept = sum(engine.pool.checkedin() for engine in engines if isinstance(engine.pool, QueuePool))
    left = await until_open(server, kept)
    for engine in engines:
        await engine.dispose()
    await until_open(server, 0)
    return "some are refused | -" if requests.refused else f"{requests.connected} | {left}"


async def main() -> None:
    engine = create_async_engine(DATABASE_URL, isolation_level="AUTOCOMMIT")
    async with engine.connect() as server:
        await until_open(server, 0)
        # --8<-- [start:table]
        print("Pool of each of five instances | requests at once in each | connections at once | open afterwards")
        #> Pool of each of five instances | requests at once in each | connections at once | open afterwards
        for pool in POOLS:
            for each in (1, 3):
                print(f"{pool} | {each} | {await try_out(server, pool, each)}")
                #> the default | 1 | 5 | 5
                #> the default | 3 | some are refused | -
                #> pool_size=2, max_overflow=0 | 1 | 5 | 5
                #> pool_size=2, max_overflow=0 | 3 | 10 | 10
                #> NullPool | 1 | 5 | 0
                #> NullPool | 3 | some are refused | -
        # --8<-- [end:table]
    await engine.dispose()


if __name__ == "__main__":
    asyncio.run(main())
