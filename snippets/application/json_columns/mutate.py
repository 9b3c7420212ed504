# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0", "aiosqlite", "asyncpg", "psycopg[binary]"]
# ///
import asyncio
import os
from typing import Any

from sqlalchemy import JSON
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker, create_async_engine
from sqlalchemy.ext.mutable import MutableDict
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

DATABASE_URL = os.environ.get("DATABASE_URL", "sqlite+aiosqlite:///greenlit.db")


class Base(DeclarativeBase):
    pass


# --8<-- [start:model]
class User(Base):
    __tablename__ = "users"

    id: Mapped[int] = mapped_column(primary_key=True)
    settings: Mapped[dict[str, Any]] = mapped_column(
        MutableDict.as_mutable(JSONB().with_variant(JSON(), "sqlite"))
    )


# --8<-- [end:model]


# --8<-- [start:change]
async def choose_theme(session: AsyncSession, user_id: int, theme: str) -> User:
    user = await session.get_one(User, user_id)
    user.settings["theme"] = theme
    return user


# --8<-- [end:change]


async def main() -> None:
    engine = create_async_engine(DATABASE_URL)
    try:
        async with engine.begin() as connection:
            await connection.run_sync(Base.metadata.drop_all)
            await connection.run_sync(Base.metadata.create_all)
        session_factory = async_sessionmaker(engine, expire_on_commit=False)
        async with session_factory.begin() as session:
            session.add(User(id=1, settings={"theme": "light"}))
        # --8<-- [start:read]
        async with session_factory.begin() as session:
            user = await choose_theme(session, 1, "dark")
        print(user.settings)
        #> {'theme': 'dark'}

        async with session_factory() as session:
            stored = await session.get_one(User, 1)
        print(stored.settings)
        #> {'theme': 'dark'}
        # --8<-- [end:read]
    finally:
        await engine.dispose()


if __name__ == "__main__":
    asyncio.run(main())
