# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0", "asyncpg", "psycopg[binary]"]
# ///
# drivers: asyncpg, psycopg (SQLite has no server to ask)
import asyncio
import os
import sys
from typing import Any

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, create_async_engine

DATABASE_URL = os.environ.get("DATABASE_URL") or sys.exit(
    "needs PostgreSQL: DATABASE_URL=postgresql+asyncpg://user:password@localhost/test"
)


# --8<-- [start:name]
def make_engine(name: str) -> AsyncEngine:
    settings: dict[str, Any] = {"application_name": name}
    if "+asyncpg" in DATABASE_URL:
        settings = {"server_settings": settings}
    return create_async_engine(DATABASE_URL, connect_args=settings)


# --8<-- [end:name]

# --8<-- [start:who]
WHO = text("""
    SELECT application_name, state, coalesce(wait_event_type, '-') AS waits_for,
           now() - state_change AS since, query,
           ARRAY(SELECT other.application_name FROM pg_stat_activity other
                 WHERE other.pid = ANY(pg_blocking_pids(mine.pid))) AS blocked_by
    FROM pg_stat_activity mine
    WHERE datname = current_database() AND application_name LIKE 'shop-%'
    ORDER BY application_name, state
""")
# --8<-- [end:who]


async def locked(watcher: AsyncEngine) -> None:
    blocked = text(
        "SELECT count(*) FROM pg_stat_activity"
        " WHERE wait_event_type = 'Lock' AND application_name = 'shop-worker'"
        " AND datname = current_database()"
    )
    while True:
        async with watcher.connect() as connection:
            if await connection.scalar(blocked):
                return
        await asyncio.sleep(0.01)


async def main() -> None:
    api, worker, watcher = make_engine("shop-api"), make_engine("shop-worker"), make_engine("me")
    async with worker.begin() as connection:
        await connection.execute(text("DROP TABLE IF EXISTS orders"))
        await connection.execute(text("CREATE TABLE orders (id int, paid bool)"))
        await connection.execute(text("INSERT INTO orders VALUES (1, false)"))
    async with AsyncSession(api) as session, AsyncSession(api) as other:
        # --8<-- [start:work]
        await session.execute(text("SELECT id FROM orders FOR UPDATE"))
        # It is in a transaction, and does something else now.
        await other.execute(text("SELECT 1"))
        await other.rollback()  # Its connection lies in the pool.
        # --8<-- [end:work]
        async with AsyncSession(worker) as job:
            paying = asyncio.create_task(job.execute(text("UPDATE orders SET paid = true")))
            await locked(watcher)
            # --8<-- [start:table]
            print("application_name | state | waits for | blocked by | query")
            #> application_name | state | waits for | blocked by | query
            async with watcher.connect() as connection:
                for row in await connection.execute(WHO):
                    query = row.query.rstrip(";")  # asyncpg's own commands end with it.
                    blocked_by = ", ".join(row.blocked_by) or "-"
                    states = f"{row.application_name} | {row.state} | {row.waits_for}"
                    print(f"{states} | {blocked_by} | {query}")
                    #> shop-api | idle | Client | - | ROLLBACK
                    #> shop-api | idle in transaction | Client | - | SELECT id FROM orders FOR UPDATE
                    #> shop-worker | active | Lock | shop-api | UPDATE orders SET paid = true
            # --8<-- [end:table]
            await session.rollback()
            await paying
    for engine in (api, worker, watcher):
        await engine.dispose()


if __name__ == "__main__":
    asyncio.run(main())
