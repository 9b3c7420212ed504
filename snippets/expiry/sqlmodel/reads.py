# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlmodel", "sqlalchemy[asyncio]>=2.0", "aiosqlite", "asyncpg", "psycopg[binary]"]
# ///
import asyncio
import os
import warnings
from collections.abc import Callable

from pydantic import ValidationError
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import async_sessionmaker, create_async_engine
from sqlmodel import Field, SQLModel
from sqlmodel.ext.asyncio.session import AsyncSession

DATABASE_URL = os.environ.get("DATABASE_URL", "sqlite+aiosqlite:///greenlit.db")

# aiosqlite's own coroutine is dropped when the load fails.
warnings.filterwarnings("ignore", "coroutine 'Connection.cursor' was never awaited")


class HeroPublic(SQLModel):
    name: str


class Hero(SQLModel, table=True):
    id: int | None = Field(default=None, primary_key=True)
    name: str


# --8<-- [start:table]
READS: dict[str, Callable[[Hero], object]] = {
    "hero.name": lambda hero: hero.name,
    "hero.id": lambda hero: hero.id,
    "repr(hero)": lambda hero: hero,
    "hero.model_dump()": lambda hero: hero.model_dump(),
    "hero.model_dump_json()": lambda hero: hero.model_dump_json(),
    "hero.model_copy()": lambda hero: hero.model_copy(),
    "HeroPublic.model_validate(hero)": lambda hero: HeroPublic.model_validate(hero),
}


async def compare(session_factory: async_sessionmaker[AsyncSession]) -> None:
    print("After commit | default | expire_on_commit=False")
    #> After commit | default | expire_on_commit=False
    for name, read in READS.items():
        outcomes: list[str] = []
        for setting in (True, False):
            async with session_factory(expire_on_commit=setting) as session:
                hero = Hero(id=1, name="Deadpond")
                session.add(hero)
                await session.commit()
                outcomes.append(outcome(read, hero))
                await session.refresh(hero)
                await session.delete(hero)
                await session.commit()
        print(name, "|", " | ".join(outcomes))
        #> hero.name | MissingGreenlet | 'Deadpond'
        #> hero.id | MissingGreenlet | 1
        #> repr(hero) | Hero() | Hero(id=1, name='Deadpond')
        #> hero.model_dump() | {} | {'id': 1, 'name': 'Deadpond'}
        #> hero.model_dump_json() | '{}' | '{"id":1,"name":"Deadpond"}'
        #> hero.model_copy() | Hero() | Hero(id=1, name='Deadpond')
        #> HeroPublic.model_validate(hero) | ValidationError | HeroPublic(name='Deadpond')


# --8<-- [end:table]


def outcome(read: Callable[[Hero], object], hero: Hero) -> str:
    try:
        return repr(read(hero))
    except (SQLAlchemyError, ValidationError) as error:
        # SQLAlchemy 2.1 wraps MissingGreenlet on aiosqlite and psycopg, and does not on asyncpg.
        return type(getattr(error, "orig", None) or error).__name__


async def main() -> None:
    engine = create_async_engine(DATABASE_URL)
    try:
        async with engine.begin() as connection:
            await connection.run_sync(SQLModel.metadata.drop_all)
            await connection.run_sync(SQLModel.metadata.create_all)
        await compare(async_sessionmaker(engine, class_=AsyncSession))
    finally:
        await engine.dispose()


if __name__ == "__main__":
    asyncio.run(main())
