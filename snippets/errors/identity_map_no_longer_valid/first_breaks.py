# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0", "aiosqlite", "asyncpg", "psycopg[binary]"]
# ///
# leaks: the generator that nobody closes holds the connection
# raises: AssertionError
# silent: the loop has ended, and its connection is still checked out
import asyncio
import os
from collections.abc import AsyncGenerator

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

DATABASE_URL = os.environ.get("DATABASE_URL", "sqlite+aiosqlite:///greenlit.db")


class Base(DeclarativeBase):
    pass


class User(Base):
    __tablename__ = "users"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]


# --8<-- [start:first]
async def stream_users(session_factory: async_sessionmaker[AsyncSession]) -> AsyncGenerator[User, None]:
    async with session_factory() as session:
        users = await session.stream_scalars(select(User))
        async for user in users:
            yield user


async def first_name(session_factory: async_sessionmaker[AsyncSession]) -> str:
    async for user in stream_users(session_factory):
        return user.name
    raise LookupError("there is no user")


# --8<-- [end:first]


async def main() -> None:
    engine = create_async_engine(DATABASE_URL)
    try:
        async with engine.begin() as connection:
            await connection.run_sync(Base.metadata.drop_all)
            await connection.run_sync(Base.metadata.create_all)
        session_factory = async_sessionmaker(engine)
        async with session_factory.begin() as session:
            session.add_all([User(id=1, name="Ada"), User(id=2, name="Grace")])
        # --8<-- [start:call]
        name = await first_name(session_factory)
        held = engine.pool.checkedout()  # type: ignore[attr-defined]
        print(f"{name}, connections held: {held}")
        #> Ada, connections held: 1
        assert held == 0, "the reader has stopped, and the connection is still checked out"
        # --8<-- [end:call]
    finally:
        await engine.dispose()


if __name__ == "__main__":
    asyncio.run(main())
