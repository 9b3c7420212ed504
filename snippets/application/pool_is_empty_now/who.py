# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0.22", "asyncpg", "psycopg[binary]"]
# ///
# drivers: asyncpg, psycopg (pg_stat_activity is PostgreSQL's)
# unrecorded: two transactions, and a look at them, at the same time
import asyncio
import os
import sys
from collections.abc import Sequence
from typing import Any

from sqlalchemy import Row, select, text
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column
from sqlalchemy.pool import NullPool

DATABASE_URL = os.environ.get("DATABASE_URL") or sys.exit(
    "needs PostgreSQL: DATABASE_URL=postgresql+asyncpg://user:password@localhost/test"
)


class Base(DeclarativeBase):
    pass


class Order(Base):
    __tablename__ = "orders"

    id: Mapped[int] = mapped_column(primary_key=True)
    state: Mapped[str] = mapped_column(default="new")



def make_engine(name: str) -> AsyncEngine:
    arguments = {
        "asyncpg": {"server_settings": {"application_name": name}},
        "psycopg": {"application_name": name},
    }
    return create_async_engine(
        DATABASE_URL, connect_args=arguments["asyncpg" if "asyncpg" in DATABASE_URL else "psycopg"]
    )


# --8<-- [start:who]
WHO = text("""
    SELECT application_name, client_addr, pid, state, wait_event_type,
           now() - state_change AS since, now() - xact_start AS transaction,
           now() - backend_start AS connected, query
    FROM pg_stat_activity
    WHERE datname = current_database() AND pid <> pg_backend_pid() AND state <> 'idle'
    ORDER BY xact_start
""")
# --8<-- [end:who]


async def when_it_waits(psql: AsyncEngine) -> Sequence[Row[Any]]:
    """Asks until the second transaction waits for the lock of the first."""
    while True:
        async with psql.connect() as connection:
            rows = (await connection.execute(WHO)).all()
        if [row.wait_event_type for row in rows] == ["Client", "Lock"]:
            return rows


async def main() -> None:
    web, job = make_engine("web-1"), make_engine("nightly-job")
    psql = create_async_engine(DATABASE_URL, poolclass=NullPool)
    try:
        async with web.begin() as connection:
            await connection.run_sync(Base.metadata.drop_all)
            await connection.run_sync(Base.metadata.create_all)
        async with AsyncSession(web) as session:
            session.add(Order(id=1))
            await session.commit()
        # --8<-- [start:situation]
        async with AsyncSession(web) as forgotten, AsyncSession(job) as waits:
            await forgotten.scalars(select(Order.id).with_for_update())
            waiting = asyncio.create_task(waits.scalars(select(Order.id).with_for_update()))
            rows = await when_it_waits(psql)
            # --8<-- [end:situation]
            # --8<-- [start:table]
            print("application_name | state | wait_event_type | since | query")
            #> application_name | state | wait_event_type | since | query
            for row in rows:
                since = "longest" if row.since == max(row.since for row in rows) else "shorter"
                query = " ".join(row.query.split())
                cells = [row.application_name, row.state, row.wait_event_type, since, query]
                print(" | ".join(cells))
                #> web-1 | idle in transaction | Client | longest | SELECT orders.id FROM orders FOR UPDATE
                #> nightly-job | active | Lock | shorter | SELECT orders.id FROM orders FOR UPDATE
            # --8<-- [end:table]
            # --8<-- [start:end]
            async with psql.connect() as connection:
                end = text("SELECT pg_terminate_backend(:pid, 5000)")
                await connection.execute(end, {"pid": rows[0].pid})
            print("the job has its row:", (await waiting).all())
            #> the job has its row: [1]
            # --8<-- [end:end]
            await forgotten.invalidate()
    finally:
        for engine in web, job:
            await engine.dispose()


if __name__ == "__main__":
    asyncio.run(main())
