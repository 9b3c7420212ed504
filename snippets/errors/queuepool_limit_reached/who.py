# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0", "asyncpg", "psycopg[binary]"]
# ///
# drivers: asyncpg, psycopg (pg_stat_activity is PostgreSQL's)
import asyncio
import os
import sys

from sqlalchemy import select, text
from sqlalchemy.ext.asyncio import async_sessionmaker, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

DATABASE_URL = os.environ.get("DATABASE_URL") or sys.exit(
    "needs PostgreSQL: DATABASE_URL=postgresql+asyncpg://user:password@localhost/test"
)


class Base(DeclarativeBase):
    pass


class Invoice(Base):
    __tablename__ = "invoices"

    id: Mapped[int] = mapped_column(primary_key=True)


# --8<-- [start:ask]
WHO = text(
    "SELECT state, query FROM pg_stat_activity"
    " WHERE datname = current_database() AND state LIKE 'idle in transaction%'"
    " AND state_change < now() - interval '1 second' ORDER BY state_change"
)
# --8<-- [end:ask]


async def main() -> None:
    engine = create_async_engine(DATABASE_URL, pool_size=5)
    session_factory = async_sessionmaker(engine)
    try:
        async with engine.begin() as connection:
            await connection.run_sync(Base.metadata.drop_all)
            await connection.run_sync(Base.metadata.create_all)
        # --8<-- [start:who]
        async with session_factory() as holder, session_factory() as session:
            await holder.scalars(select(Invoice.id))
            await asyncio.sleep(1.1)
            print(engine.pool.status())
            #> Pool size: 5  Connections in pool: 0 Current Overflow: -4 Current Checked out connections: 1
            for state, query in await session.execute(WHO):
                print(f"{state}: {' '.join(query.split())}")
                #> idle in transaction: SELECT invoices.id FROM invoices
        # --8<-- [end:who]
        # --8<-- [start:autocommit]
        async with engine.connect() as holder, session_factory() as session:
            await holder.execution_options(isolation_level="AUTOCOMMIT")
            await holder.scalars(select(Invoice.id))
            await asyncio.sleep(1.1)
            print((await session.execute(WHO)).all())
            #> []
        # --8<-- [end:autocommit]
    finally:
        await engine.dispose()


if __name__ == "__main__":
    asyncio.run(main())
