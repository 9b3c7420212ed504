# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0.22", "aiosqlite", "asyncpg", "psycopg[binary]"]
# ///
import asyncio
import os

from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

DATABASE_URL = os.environ.get("DATABASE_URL", "sqlite+aiosqlite:///greenlit.db")


class Base(DeclarativeBase):
    pass


class User(Base):
    __tablename__ = "users"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]
    active: Mapped[bool] = mapped_column(default=False)


Queue = asyncio.Queue[int]


# --8<-- [start:send]
async def activate(session_factory: async_sessionmaker[AsyncSession], queue: Queue) -> None:
    async with session_factory.begin() as session:
        user = await session.get_one(User, 1)
        user.active = True
    await queue.put(1)


# --8<-- [end:send]


# --8<-- [start:receive]
async def welcome(session_factory: async_sessionmaker[AsyncSession], queue: Queue) -> None:
    user_id = await queue.get()
    async with session_factory() as session:
        user = await session.get_one(User, user_id)
    print(f"Welcome {user.name}")
    #> Welcome Ada


# --8<-- [end:receive]


async def main() -> None:
    engine = create_async_engine(DATABASE_URL)
    try:
        async with engine.begin() as connection:
            await connection.run_sync(Base.metadata.drop_all)
            await connection.run_sync(Base.metadata.create_all)
        session_factory = async_sessionmaker(engine)
        async with session_factory.begin() as session:
            session.add(User(id=1, name="Ada"))

        queue = Queue()
        await activate(session_factory, queue)
        await welcome(session_factory, queue)
    finally:
        await engine.dispose()


if __name__ == "__main__":
    asyncio.run(main())
