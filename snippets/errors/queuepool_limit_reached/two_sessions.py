# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0.38", "aiosqlite", "asyncpg", "psycopg[binary]"]
# ///
# unrecorded: both wait for the pool at the same time, and which ends first varies
import asyncio
import os

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

DATABASE_URL = os.environ.get("DATABASE_URL", "sqlite+aiosqlite:///greenlit.db")


class Base(DeclarativeBase):
    pass


class User(Base):
    __tablename__ = "users"

    id: Mapped[int] = mapped_column(primary_key=True)


engine = create_async_engine(DATABASE_URL, pool_size=2, max_overflow=0, pool_timeout=0.3)
session_factory: async_sessionmaker[AsyncSession] = async_sessionmaker(engine)


# --8<-- [start:request]
async def request(everybody_is_in: asyncio.Barrier) -> int | None:
    async with session_factory() as session:
        await session.get(User, 1)  # Say, the dependency that finds the current user.
        await everybody_is_in.wait()
        return await count_users(session)


async def count_users(session: AsyncSession) -> int | None:
    return await session.scalar(select(func.count()).select_from(User))


# --8<-- [end:request]


async def main() -> None:
    try:
        async with engine.begin() as connection:
            await connection.run_sync(Base.metadata.drop_all)
            await connection.run_sync(Base.metadata.create_all)
        # --8<-- [start:two]
        both = asyncio.Barrier(2)
        done = await asyncio.gather(request(both), request(both), return_exceptions=True)
        print([type(one).__name__ for one in done])
        #> ['int', 'int']
        # --8<-- [end:two]
        for one in done:
            if isinstance(one, BaseException):
                raise one
    finally:
        await engine.dispose()


if __name__ == "__main__":
    asyncio.run(main())
