# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0", "asyncpg", "psycopg[binary]"]
# ///
# drivers: asyncpg, psycopg (SQLite has no clock_timestamp(), and CURRENT_TIMESTAMP has full seconds there)
import asyncio
import os
import sys
from datetime import datetime

from sqlalchemy import DateTime, func
from sqlalchemy.ext.asyncio import async_sessionmaker, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

DATABASE_URL = os.environ.get("DATABASE_URL") or sys.exit(
    "needs PostgreSQL: DATABASE_URL=postgresql+asyncpg://user:password@localhost/test"
)


class Base(DeclarativeBase):
    type_annotation_map = {datetime: DateTime(timezone=True)}


# --8<-- [start:model]
class Order(Base):
    __tablename__ = "orders"

    id: Mapped[int] = mapped_column(primary_key=True)
    begun_at: Mapped[datetime] = mapped_column(server_default=func.now())
    stored_at: Mapped[datetime] = mapped_column(server_default=func.clock_timestamp())


# --8<-- [end:model]


async def main() -> None:
    engine = create_async_engine(DATABASE_URL)
    try:
        async with engine.begin() as connection:
            await connection.run_sync(Base.metadata.drop_all)
            await connection.run_sync(Base.metadata.create_all)
        session_factory = async_sessionmaker(engine, expire_on_commit=False)
        # --8<-- [start:two]
        async with session_factory.begin() as session:
            first, second = Order(id=1), Order(id=2)
            session.add(first)
            await session.flush()
            session.add(second)
        print("now():", first.begun_at == second.begun_at)
        #> now(): True
        print("clock_timestamp():", first.stored_at == second.stored_at)
        #> clock_timestamp(): False
        # --8<-- [end:two]
    finally:
        await engine.dispose()


if __name__ == "__main__":
    asyncio.run(main())
