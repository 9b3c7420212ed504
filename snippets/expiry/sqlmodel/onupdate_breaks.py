# /// script
# requires-python = ">=3.11"
# dependencies = [
#     "sqlmodel", "sqlalchemy[asyncio]>=2.0.22", "aiosqlite", "asyncpg", "psycopg[binary]",
# ]
# ///
# raises: AssertionError
# silent: the UPDATE expired updated_at, and the dump leaves it out without a word

# ruff: noqa: RUF012
import asyncio
import os
from datetime import datetime

from sqlalchemy import func
from sqlalchemy.ext.asyncio import async_sessionmaker, create_async_engine
from sqlmodel import Field, SQLModel
from sqlmodel.ext.asyncio.session import AsyncSession

DATABASE_URL = os.environ.get("DATABASE_URL", "sqlite+aiosqlite:///greenlit.db")


# --8<-- [start:model]
class Hero(SQLModel, table=True):
    id: int | None = Field(default=None, primary_key=True)
    name: str
    updated_at: datetime | None = Field(default=None, sa_column_kwargs={"onupdate": func.now()})


# --8<-- [end:model]


# --8<-- [start:rename]
async def rename(session: AsyncSession) -> None:
    hero = await session.get_one(Hero, 1)
    hero.name = "Wade"
    await session.commit()
    print(sorted(hero.model_dump()))
    #> ['id', 'name']
    assert "updated_at" in hero.model_dump()


# --8<-- [end:rename]


async def main() -> None:
    engine = create_async_engine(DATABASE_URL)
    try:
        async with engine.begin() as connection:
            await connection.run_sync(SQLModel.metadata.drop_all)
            await connection.run_sync(SQLModel.metadata.create_all)
        session_factory = async_sessionmaker(engine, class_=AsyncSession, expire_on_commit=False)
        async with session_factory.begin() as session:
            session.add(Hero(id=1, name="Deadpond"))
        async with session_factory() as session:
            await rename(session)
    finally:
        await engine.dispose()


if __name__ == "__main__":
    asyncio.run(main())
