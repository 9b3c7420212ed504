# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0.22", "aiosqlite", "asyncpg", "psycopg[binary]"]
# ///
import asyncio
import os
import warnings

from sqlalchemy.exc import MissingGreenlet, StatementError
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

DATABASE_URL = os.environ.get("DATABASE_URL", "sqlite+aiosqlite:///greenlit.db")


class Base(DeclarativeBase):
    pass


class User(Base):
    __tablename__ = "users"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]


def attempt(user: User) -> str:
    try:
        return user.name
    except StatementError as error:
        return type(error.orig).__name__
    except MissingGreenlet as error:
        return type(error).__name__


# --8<-- [start:rollback]
async def roll_back_twice(session_factory: async_sessionmaker[AsyncSession]) -> None:
    async with session_factory() as session:
        user = await session.get_one(User, 1)
        await session.commit()
        await session.rollback()
        print(user.name)
        #> Ada
        await session.get_one(User, 1, populate_existing=True)
        await session.rollback()
        print(attempt(user))
        #> MissingGreenlet


# --8<-- [end:rollback]


async def main() -> None:
    # On SQLAlchemy 2.1 a read that fails on aiosqlite leaves a coroutine behind.
    warnings.filterwarnings("ignore", "coroutine .* was never awaited")
    engine = create_async_engine(DATABASE_URL)
    try:
        async with engine.begin() as connection:
            await connection.run_sync(Base.metadata.drop_all)
            await connection.run_sync(Base.metadata.create_all)
        session_factory = async_sessionmaker(engine, expire_on_commit=False)
        async with session_factory.begin() as session:
            session.add(User(name="Ada"))
        await roll_back_twice(session_factory)
    finally:
        await engine.dispose()


if __name__ == "__main__":
    asyncio.run(main())
