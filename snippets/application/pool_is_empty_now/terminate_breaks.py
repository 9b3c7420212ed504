# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0.22", "asyncpg", "psycopg[binary]"]
# ///
# drivers: asyncpg, psycopg (SQLite has no server whose connections could be ended)
# raises: sqlalchemy.exc.TimeoutError
import asyncio
import os
import sys

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column
from sqlalchemy.pool import NullPool, QueuePool

DATABASE_URL = os.environ.get("DATABASE_URL") or sys.exit(
    "needs PostgreSQL: DATABASE_URL=postgresql+asyncpg://user:password@localhost/test"
)


class Base(DeclarativeBase):
    pass


class Order(Base):
    __tablename__ = "orders"

    id: Mapped[int] = mapped_column(primary_key=True)
    state: Mapped[str] = mapped_column(default="new")


engine = create_async_engine(DATABASE_URL, pool_size=2, max_overflow=0, pool_timeout=0.5)
session_factory = async_sessionmaker(engine, expire_on_commit=False)
kept: list[AsyncSession] = []


def checked_out() -> int:
    assert isinstance(engine.pool, QueuePool)
    return engine.pool.checkedout()


# --8<-- [start:leak]
async def leak() -> None:
    session = session_factory()
    kept.append(session)
    await session.get_one(Order, 1)


# --8<-- [end:leak]


# --8<-- [start:terminate]
TERMINATE = text("""
    SELECT count(*) FILTER (WHERE pg_terminate_backend(pid, 5000)) FROM pg_stat_activity
    WHERE datname = current_database() AND usename = current_user AND pid <> pg_backend_pid()
      AND state LIKE 'idle in transaction%' AND now() - state_change >= make_interval(secs => :seconds)
""")


async def terminate(seconds: float) -> int:
    psql = create_async_engine(DATABASE_URL, poolclass=NullPool)  # As an operator would, with psql.
    async with psql.connect() as connection:
        ended: int = (await connection.execute(TERMINATE, {"seconds": seconds})).scalar_one()
    return ended


# --8<-- [end:terminate]


async def main() -> None:
    try:
        async with engine.begin() as connection:
            await connection.run_sync(Base.metadata.drop_all)
            await connection.run_sync(Base.metadata.create_all)
        async with session_factory() as session:
            session.add(Order(id=1))
            await session.commit()
        # --8<-- [start:empty]
        await leak()
        await leak()
        await asyncio.sleep(0.5)
        print("ended in the database:", await terminate(seconds=0.3))
        #> ended in the database: 2
        # --8<-- [end:empty]
        # --8<-- [start:request]
        print("checked out:", checked_out())
        #> checked out: 2
        async with session_factory() as session:
            print((await session.get_one(Order, 1)).state)
        # --8<-- [end:request]
    finally:
        for session in kept:
            await session.invalidate()
        await engine.dispose()


if __name__ == "__main__":
    asyncio.run(main())
