# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0", "asyncpg", "psycopg[binary]"]
# ///
# drivers: asyncpg, psycopg (SQLite has no connection that could break)
import asyncio
import os
import sys

from sqlalchemy import func, select, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

DATABASE_URL = os.environ.get("DATABASE_URL") or sys.exit(
    "needs PostgreSQL: DATABASE_URL=postgresql+asyncpg://user:password@localhost/test"
)


class Base(DeclarativeBase):
    pass


class User(Base):
    __tablename__ = "users"

    id: Mapped[int] = mapped_column(primary_key=True)


# --8<-- [start:count]
async def count_users(session: AsyncSession) -> int | None:
    return await session.scalar(select(func.count()).select_from(User))


async def count_in_spite_of_failures(session: AsyncSession) -> None:
    try:
        await count_users(session)
    except DBAPIError as error:
        print(f"connection lost: {error.connection_invalidated}")
        #> connection lost: True
        await session.rollback()
        print(f"users: {await count_users(session)}")
        #> users: 0


# --8<-- [end:count]


# --8<-- [start:call]
async def request(session_factory: async_sessionmaker[AsyncSession]) -> None:
    async with session_factory() as session:
        await count_users(session)
        server_process = await session.scalar(select(func.pg_backend_pid()))
        async with session_factory() as administrator:  # Or a restart, or a firewall.
            kill = text("SELECT pg_terminate_backend(:pid, 5000)")
            await administrator.execute(kill, {"pid": server_process})
        await count_in_spite_of_failures(session)


# --8<-- [end:call]


async def main() -> None:
    engine = create_async_engine(DATABASE_URL)
    try:
        async with engine.begin() as connection:
            await connection.run_sync(Base.metadata.drop_all)
            await connection.run_sync(Base.metadata.create_all)
        session_factory = async_sessionmaker(engine)
        await request(session_factory)
    finally:
        await engine.dispose()


if __name__ == "__main__":
    asyncio.run(main())
