# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0.22", "asyncpg"]
# ///
# also: asyncpg==0.31.*, asyncpg==0.30.*
# drivers: asyncpg (psycopg and aiosqlite make the second task wait)
# unrecorded: two tasks at once, and what each of them sends comes in no fixed order
import asyncio
import os
import sys

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import async_sessionmaker, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

DATABASE_URL = os.environ.get("DATABASE_URL") or sys.exit(
    "needs PostgreSQL: DATABASE_URL=postgresql+asyncpg://user:password@localhost/test"
)


class Base(DeclarativeBase):
    pass


class User(Base):
    __tablename__ = "users"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]


engine = create_async_engine(DATABASE_URL)
session_factory = async_sessionmaker(engine)
A_WHILE = select(func.count(User.id), func.pg_sleep(0.3))


# --8<-- [start:tasks]
async def count_users() -> None:
    async with session_factory() as session:
        await session.execute(A_WHILE)


async def rename_user() -> None:
    async with session_factory() as session:
        user = await session.get_one(User, 1)
        user.name = "Ada Lovelace"
        counting = asyncio.create_task(count_users())
        await asyncio.sleep(0.05)
        await session.commit()
        await counting


# --8<-- [end:tasks]


async def main() -> None:
    try:
        async with engine.begin() as connection:
            await connection.run_sync(Base.metadata.drop_all)
            await connection.run_sync(Base.metadata.create_all)
        async with session_factory.begin() as session:
            session.add(User(id=1, name="Ada"))
        await rename_user()
    finally:
        await engine.dispose()


if __name__ == "__main__":
    asyncio.run(main())
