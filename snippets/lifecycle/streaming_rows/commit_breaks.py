# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0.22", "asyncpg", "psycopg[binary]"]
# ///
# drivers: asyncpg, psycopg (SQLite does not let a second connection write while a first one reads on)
# raises: asyncpg.exceptions.NoActiveSQLTransactionError, sqlalchemy.exc.ProgrammingError
import asyncio
import os
import sys

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession, create_async_engine
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


# --8<-- [start:rename]
async def rename_all(session: AsyncSession, writer: AsyncSession) -> None:
    in_batches = select(User.id).order_by(User.id).execution_options(yield_per=1)
    async for user_id in await session.stream_scalars(in_batches):
        user = await session.get_one(User, user_id)
        user.name = user.name.upper()
        await session.commit()


# --8<-- [end:rename]


async def main() -> None:
    engine = create_async_engine(DATABASE_URL)
    try:
        async with engine.begin() as connection:
            await connection.run_sync(Base.metadata.drop_all)
            await connection.run_sync(Base.metadata.create_all)
        async with AsyncSession(engine) as session:
            session.add_all([User(name=f"user {number}") for number in range(3)])
            await session.commit()
        async with AsyncSession(engine) as session, AsyncSession(engine) as writer:
            await rename_all(session, writer)
            print(await writer.scalar(select(User.name).where(User.id == 3)))
    finally:
        await engine.dispose()


if __name__ == "__main__":
    asyncio.run(main())
