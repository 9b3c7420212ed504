# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0", "aiosqlite"]
# ///
# drivers: aiosqlite (only sqlite3 begins no transaction by itself before a SAVEPOINT)
# raises: AssertionError
import asyncio
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

DATABASE_URL = os.environ.get("DATABASE_URL", "sqlite+aiosqlite:///greenlit.db")


class Base(DeclarativeBase):
    pass


class User(Base):
    __tablename__ = "users"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]


@asynccontextmanager
async def isolated_session(engine: AsyncEngine) -> AsyncIterator[AsyncSession]:
    async with engine.connect() as connection:
        transaction = await connection.begin()
        async with AsyncSession(
            connection, join_transaction_mode="create_savepoint"
        ) as session:
            yield session
        await transaction.rollback()


def new_engine(url: str) -> AsyncEngine:
    engine = create_async_engine(url)
    return engine


# --8<-- [start:test]
async def test_leaves_nothing(engine: AsyncEngine) -> None:
    async with isolated_session(engine) as session:
        session.add(User(id=1, name="Ada"))
        await session.commit()
    async with AsyncSession(engine) as session:
        assert await session.get(User, 1) is None


# --8<-- [end:test]


async def main() -> None:
    engine = new_engine(DATABASE_URL)
    try:
        async with engine.begin() as connection:
            await connection.run_sync(Base.metadata.drop_all)
            await connection.run_sync(Base.metadata.create_all)
        await test_leaves_nothing(engine)
    finally:
        await engine.dispose()


if __name__ == "__main__":
    asyncio.run(main())
