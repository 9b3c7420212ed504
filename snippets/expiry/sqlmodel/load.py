# /// script
# requires-python = ">=3.11"
# dependencies = [
#     "sqlmodel", "sqlalchemy[asyncio]>=2.0.22", "aiosqlite", "asyncpg", "psycopg[binary]",
# ]
# ///
import asyncio
import os

from sqlalchemy.ext.asyncio import AsyncAttrs, async_sessionmaker, create_async_engine
from sqlmodel import Field, Relationship, SQLModel
from sqlmodel.ext.asyncio.session import AsyncSession

DATABASE_URL = os.environ.get("DATABASE_URL", "sqlite+aiosqlite:///greenlit.db")


# --8<-- [start:model]
class Team(SQLModel, table=True):
    id: int | None = Field(default=None, primary_key=True)
    name: str


class Hero(AsyncAttrs, SQLModel, table=True):
    id: int | None = Field(default=None, primary_key=True)
    name: str
    team_id: int | None = Field(default=None, foreign_key="team.id")
    team: Team | None = Relationship()


# --8<-- [end:model]


# --8<-- [start:load]
async def load(session_factory: async_sessionmaker[AsyncSession]) -> None:
    async with session_factory() as session:
        hero = Hero(name="Deadpond", team=Team(name="Z-Force"))
        session.add(hero)
        await session.commit()
        await session.refresh(hero)
        print(hero.name, "team" in vars(hero))
        #> Deadpond False
        await session.refresh(hero, ["team"])
        print(hero.team and hero.team.name)
        #> Z-Force

    async with session_factory() as session:
        hero = await session.get_one(Hero, 1)
        team = await hero.awaitable_attrs.team
        print(team.name, hero.model_dump(include={"name", "team"}))
        #> Z-Force {'name': 'Deadpond'}


# --8<-- [end:load]


async def main() -> None:
    engine = create_async_engine(DATABASE_URL)
    try:
        async with engine.begin() as connection:
            await connection.run_sync(SQLModel.metadata.drop_all)
            await connection.run_sync(SQLModel.metadata.create_all)
        await load(async_sessionmaker(engine, class_=AsyncSession))
    finally:
        await engine.dispose()


if __name__ == "__main__":
    asyncio.run(main())
