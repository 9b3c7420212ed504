# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0", "asyncpg", "psycopg[binary]"]
# ///
# also: asyncpg==0.31.*, asyncpg==0.30.*, psycopg==3.2.*
# drivers: asyncpg, psycopg (on SQLite a failed statement does not end the transaction)
# raises: sqlalchemy.exc.DBAPIError, sqlalchemy.exc.InternalError
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


# --8<-- [start:status]
async def visits(session: AsyncSession) -> object:
    try:
        return await session.scalar(text("SELECT visits FROM statistics"))
    except DBAPIError:
        return None  # Not every installation has that table.


async def status(session: AsyncSession) -> None:
    print(f"visits: {await visits(session)}")
    #> visits: None
    print(f"users: {await session.scalar(select(func.count()).select_from(User))}")


# --8<-- [end:status]


async def main() -> None:
    engine = create_async_engine(DATABASE_URL)
    try:
        async with engine.begin() as connection:
            await connection.run_sync(Base.metadata.drop_all)
            await connection.run_sync(Base.metadata.create_all)
        async with async_sessionmaker(engine)() as session:
            await status(session)
    finally:
        await engine.dispose()


if __name__ == "__main__":
    asyncio.run(main())
