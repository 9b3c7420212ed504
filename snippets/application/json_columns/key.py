# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0", "aiosqlite", "asyncpg", "psycopg[binary]"]
# ///
import asyncio
import os
from collections.abc import Sequence
from typing import Any

from sqlalchemy import JSON, select
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

DATABASE_URL = os.environ.get("DATABASE_URL", "sqlite+aiosqlite:///greenlit.db")


class Base(DeclarativeBase):
    pass


class User(Base):
    __tablename__ = "users"

    id: Mapped[int] = mapped_column(primary_key=True)
    settings: Mapped[dict[str, Any]] = mapped_column(JSONB().with_variant(JSON(), "sqlite"))


async def main() -> None:
    engine = create_async_engine(DATABASE_URL)
    try:
        async with engine.begin() as connection:
            await connection.run_sync(Base.metadata.drop_all)
            await connection.run_sync(Base.metadata.create_all)
        session_factory = async_sessionmaker(engine, expire_on_commit=False)
        async with session_factory.begin() as session:
            session.add(User(id=1, settings={"theme": "dark"}))
            session.add(User(id=2, settings={"theme": "light"}))
            session.add(User(id=3, settings={}))
        async with session_factory() as session:
            found = await dark_users(session)
        assert found == [1]
    finally:
        await engine.dispose()


# --8<-- [start:query]
async def dark_users(session: AsyncSession) -> Sequence[int]:
    theme = User.settings["theme"].as_string()
    result = await session.scalars(select(User.id).where(theme == "dark"))
    return result.all()


# --8<-- [end:query]


if __name__ == "__main__":
    asyncio.run(main())
