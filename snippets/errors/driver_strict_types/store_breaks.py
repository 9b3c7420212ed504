# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0", "asyncpg"]
# ///
# also: asyncpg==0.31.*, asyncpg==0.30.*
# raises: sqlalchemy.exc.DBAPIError
# drivers: asyncpg (the others take the value: accepted.py)
import asyncio
import os
import sys

from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

DATABASE_URL = os.environ.get("DATABASE_URL") or sys.exit(
    "needs PostgreSQL: DATABASE_URL=postgresql+asyncpg://user:password@localhost/test"
)


class Base(DeclarativeBase):
    pass


# --8<-- [start:model]
class Order(Base):
    __tablename__ = "orders"

    id: Mapped[int] = mapped_column(primary_key=True)
    reference: Mapped[str]


# --8<-- [end:model]


# --8<-- [start:store]
async def store(session_factory: async_sessionmaker[AsyncSession], number: int) -> None:
    async with session_factory() as session:
        session.add(Order(id=1, reference=number))
        await session.commit()


# --8<-- [end:store]


async def main() -> None:
    engine = create_async_engine(DATABASE_URL)
    try:
        async with engine.begin() as connection:
            await connection.run_sync(Base.metadata.drop_all)
            await connection.run_sync(Base.metadata.create_all)
        await store(async_sessionmaker(engine), 4711)
    finally:
        await engine.dispose()


if __name__ == "__main__":
    asyncio.run(main())
