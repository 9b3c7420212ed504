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


# --8<-- [start:pass]
async def sign_up(session_factory: async_sessionmaker[AsyncSession], name: str) -> None:
    async with session_factory() as session:
        user = User(name=name)
        session.add(user)
        await session.flush()
        user_id = user.id
        await session.commit()
        await asyncio.create_task(welcome(session_factory, user_id))


async def welcome(session_factory: async_sessionmaker[AsyncSession], user_id: int) -> None:
    async with session_factory() as session:
        user = await session.get_one(User, user_id)
        print(f"Welcome {user.name}")
        #> Welcome Ada


# --8<-- [end:pass]


async def main() -> None:
    engine = create_async_engine(DATABASE_URL)
    try:
        async with engine.begin() as connection:
            await connection.run_sync(Base.metadata.drop_all)
            await connection.run_sync(Base.metadata.create_all)
        session_factory = async_sessionmaker(engine)
        await sign_up(session_factory, "Ada")
    finally:
        await engine.dispose()


if __name__ == "__main__":
    asyncio.run(main())
