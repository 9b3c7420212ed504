# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0", "asyncpg", "psycopg[binary]"]
# ///
# drivers: asyncpg, psycopg (SQLite has no uuidv7())
import asyncio
import os
import sys
from uuid import UUID

from sqlalchemy import Function, func, select
from sqlalchemy.ext.asyncio import async_sessionmaker, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

DATABASE_URL = os.environ.get("DATABASE_URL") or sys.exit(
    "needs PostgreSQL: DATABASE_URL=postgresql+asyncpg://user:password@localhost/test"
)


class Base(DeclarativeBase):
    pass


class Event(Base):
    __tablename__ = "events"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    number: Mapped[int]


async def main() -> None:
    engine = create_async_engine(DATABASE_URL)
    session_factory = async_sessionmaker(engine, expire_on_commit=False)

    async def in_order(key: Function[UUID]) -> bool:
        async with engine.begin() as connection:
            await connection.run_sync(Base.metadata.drop_all)
            await connection.run_sync(Base.metadata.create_all)
        # --8<-- [start:events]
        async with session_factory.begin() as session:
            for number in range(20):
                session.add(Event(id=key, number=number))
                await session.flush()
            numbers = await session.scalars(select(Event.number).order_by(Event.id))
            return numbers.all() == list(range(20))
        # --8<-- [end:events]

    try:
        # --8<-- [start:order]
        print("gen_random_uuid():", await in_order(func.gen_random_uuid()))
        #> gen_random_uuid(): False
        print("uuidv7():", await in_order(func.uuidv7()))
        #> uuidv7(): True
        # --8<-- [end:order]
    finally:
        await engine.dispose()


if __name__ == "__main__":
    asyncio.run(main())
