# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0.22", "aiosqlite", "asyncpg", "psycopg[binary]"]
# ///
# raises: sqlalchemy.exc.InvalidRequestError
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


engine = create_async_engine(DATABASE_URL)
# --8<-- [start:factory]
session_factory = async_sessionmaker(engine, close_resets_only=False)
# --8<-- [end:factory]


# --8<-- [start:greet]
async def greet(session: AsyncSession) -> None:
    print(f"Hello, {(await session.get_one(User, 1)).name}")


async def request() -> None:
    async with session_factory() as session:
        await session.get_one(User, 1)
    await greet(session)


# --8<-- [end:greet]


async def main() -> None:
    try:
        async with engine.begin() as connection:
            await connection.run_sync(Base.metadata.drop_all)
            await connection.run_sync(Base.metadata.create_all)
        async with session_factory.begin() as session:
            session.add(User(id=1, name="Ada"))
        await request()
    finally:
        await engine.dispose()


if __name__ == "__main__":
    asyncio.run(main())
