# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0", "aiosqlite", "asyncpg", "psycopg[binary]", "pydantic>=2"]
# ///
# silent: the new theme is on the object and not in the row
import asyncio
import os
from datetime import date
from typing import Any

from pydantic import BaseModel
from sqlalchemy import JSON, Dialect
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column
from sqlalchemy.types import TypeDecorator

DATABASE_URL = os.environ.get("DATABASE_URL", "sqlite+aiosqlite:///greenlit.db")


# --8<-- [start:model]
class Settings(BaseModel):
    theme: str = "light"
    since: date


class SettingsType(TypeDecorator[Settings]):
    impl = JSONB().with_variant(JSON(), "sqlite")
    cache_ok = True

    def process_bind_param(self, value: Settings | None, dialect: Dialect) -> Any:
        return None if value is None else value.model_dump(mode="json")

    def process_result_value(self, value: Any, dialect: Dialect) -> Settings | None:
        return None if value is None else Settings.model_validate(value)


# --8<-- [end:model]


class Base(DeclarativeBase):
    pass


class User(Base):
    __tablename__ = "users"

    id: Mapped[int] = mapped_column(primary_key=True)
    settings: Mapped[Settings] = mapped_column(SettingsType)


# --8<-- [start:change]
async def choose_theme(session: AsyncSession, user_id: int, theme: str) -> None:
    user = await session.get_one(User, user_id)
    user.settings.theme = theme


# --8<-- [end:change]


async def main() -> None:
    engine = create_async_engine(DATABASE_URL)
    try:
        async with engine.begin() as connection:
            await connection.run_sync(Base.metadata.drop_all)
            await connection.run_sync(Base.metadata.create_all)
        session_factory = async_sessionmaker(engine, expire_on_commit=False)
        async with session_factory.begin() as session:
            session.add(User(id=1, settings=Settings(since=date(2026, 1, 31))))
        async with session_factory.begin() as session:
            await choose_theme(session, 1, "dark")
        # --8<-- [start:read]
        async with session_factory() as session:
            stored = await session.get_one(User, 1)
        print(stored.settings)
        #> theme='light' since=datetime.date(2026, 1, 31)
        # --8<-- [end:read]
    finally:
        await engine.dispose()


if __name__ == "__main__":
    asyncio.run(main())
