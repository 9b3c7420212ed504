# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0.22", "asyncpg", "psycopg[binary]"]
# ///
# drivers: asyncpg, psycopg (SQLite has no such transactions)
# unrecorded: how often VACUUM is asked varies
import asyncio
import os
import sys
from contextlib import AsyncExitStack

from sqlalchemy import delete, insert, select, text, update
from sqlalchemy.ext.asyncio import AsyncSession, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

DATABASE_URL = os.environ.get("DATABASE_URL") or sys.exit(
    "needs PostgreSQL: DATABASE_URL=postgresql+asyncpg://user:password@localhost/test"
)


class Base(DeclarativeBase):
    pass


class Order(Base):
    __tablename__ = "orders"

    id: Mapped[int] = mapped_column(primary_key=True)


class Visit(Base):
    __tablename__ = "visits"

    id: Mapped[int] = mapped_column(primary_key=True)


engine = create_async_engine(DATABASE_URL)

# --8<-- [start:holders]
HOLDERS = text("""
    SELECT pid, backend_xid, backend_xmin, now() - xact_start AS transaction
    FROM pg_stat_activity
    WHERE datname = current_database() AND state LIKE 'idle in transaction%' AND (backend_xid IS NOT NULL OR backend_xmin IS NOT NULL)
    ORDER BY greatest(age(backend_xid), age(backend_xmin)) DESC
""")
# --8<-- [end:holders]


async def fill_tables() -> None:
    async with engine.begin() as connection:
        await connection.run_sync(Base.metadata.drop_all)
        await connection.run_sync(Base.metadata.create_all)
        await connection.execute(insert(Order), {"id": 1})
        await connection.execute(text("INSERT INTO visits SELECT generate_series(1, 1000)"))


# --8<-- [start:measure]
async def measure(name: str, *, level: str = "READ COMMITTED", writes: bool = False, reads: bool = True) -> str:
    await fill_tables()
    async with AsyncExitStack() as stack:
        if reads:
            session = await stack.enter_async_context(AsyncSession(engine))
            await session.connection(execution_options={"isolation_level": level})
            await session.scalars(select(Order.id).where(Order.id == 1))
            if writes:
                await session.execute(update(Order).values(id=2))
        async with engine.begin() as connection:
            await connection.execute(delete(Visit))
            await connection.execute(text("SELECT pg_stat_force_next_flush()"))  # Count them before VACUUM.
        async with engine.connect() as connection:
            await connection.execution_options(isolation_level="AUTOCOMMIT")
            dead = "SELECT n_dead_tup FROM pg_stat_user_tables WHERE relname = 'visits'"
            for _ in range(20):  # A passing snapshot, such as autovacuum's, keeps them for a moment, too.
                await connection.execute(text("VACUUM visits"))
                left = (await connection.execute(text(dead))).scalar_one()
                if left == 0:
                    break
                await asyncio.sleep(0.05)
            holders = len((await connection.execute(HOLDERS)).all())
    return f"{name} | {left} | {holders}"


# --8<-- [end:measure]


async def main() -> None:
    try:
        # --8<-- [start:table]
        print("an idle transaction that has | dead rows after VACUUM | found by the query")
        #> an idle transaction that has | dead rows after VACUUM | found by the query
        print(await measure("(none is open)", reads=False))
        #> (none is open) | 0 | 0
        print(await measure("read"))
        #> read | 1000 | 1
        print(await measure("read, at REPEATABLE READ", level="REPEATABLE READ"))
        #> read, at REPEATABLE READ | 1000 | 1
        print(await measure("written to another table", writes=True))
        #> written to another table | 1000 | 1
        # --8<-- [end:table]
    finally:
        await engine.dispose()


if __name__ == "__main__":
    asyncio.run(main())
