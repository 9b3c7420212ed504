# /// script
# requires-python = ">=3.11"
# dependencies = [
#     "sqlmodel>=0.0.45", "sqlalchemy[asyncio]>=2.0.22", "fastapi>=0.121", "httpx",
#     "aiosqlite", "asyncpg", "psycopg[binary]",
# ]
# ///
import asyncio
import os
import traceback
import warnings
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta, timezone

import httpx
from fastapi import FastAPI
from pydantic import ValidationError
from sqlalchemy import func
from sqlalchemy.exc import InvalidRequestError, StatementError
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column, registry
from sqlmodel import Field, SQLModel, select, update
from sqlmodel.ext.asyncio.session import AsyncSession

DATABASE_URL = os.environ.get("DATABASE_URL", "sqlite+aiosqlite:///greenlit.db")


class Base(SQLModel, registry=registry()):
    pass


class HeroBase(Base):
    name: str
    age: int | None = Field(default=None, ge=0)


class Hero(HeroBase, table=True):
    id: int | None = Field(default=None, primary_key=True)


class HeroWithRules(HeroBase):
    id: int


class Mission(Base, table=True):
    id: int | None = Field(default=None, primary_key=True)
    begins: datetime


class Declared(DeclarativeBase):
    pass


class City(Declared):
    __tablename__ = "city"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]


async def claim_no_validation(engine: AsyncEngine) -> None:
    """`Hero(age=-1)` and `hero.age = -1` are not validated, because `Hero` is a table model, and a flush stores them. `Hero.model_validate()` raises a `ValidationError`."""
    hero = Hero(name="Deadpond", age=-1)
    error = None
    async with AsyncSession(engine) as session:
        session.add(hero)
        await session.flush()
        hero.age = -2
        await session.flush()
        assert (await session.exec(select(Hero.age))).one() == -2
    try:
        Hero.model_validate({"name": "Deadpond", "age": -1})
    except ValidationError as raised:
        error = raised
    assert error is not None


async def claim_response_rules(engine: AsyncEngine) -> None:
    """If the response model inherits a rule such as `ge=0`, a row that breaks the rule is answered with 500."""
    app = FastAPI()
    async with AsyncSession(engine) as session:
        session.add(Hero(id=1, name="Deadpond", age=-1))
        session.add(Hero(id=2, name="Rusty", age=48))
        await session.commit()

    @app.get("/heroes/{hero_id}", response_model=HeroWithRules)
    async def read_hero(hero_id: int) -> Hero:
        async with AsyncSession(engine) as session:
            return await session.get_one(Hero, hero_id)

    transport = httpx.ASGITransport(app, raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
        assert (await client.get("/heroes/1")).status_code == 500
        assert (await client.get("/heroes/2")).status_code == 200


async def claim_naive(engine: AsyncEngine) -> None:
    """A `datetime` field takes no naive value: the flush raises a `StatementError`. What it stores comes back in UTC, from SQLite as well."""
    east = datetime(2026, 7, 1, 12, tzinfo=timezone(timedelta(hours=2)))
    error = None
    async with AsyncSession(engine) as session:
        session.add(Mission(begins=datetime(2026, 7, 1, 12)))
        try:
            await session.flush()
        except StatementError as raised:
            error = raised
        assert "must have timezone information" in str(error)
    async with AsyncSession(engine) as session:
        session.add(Mission(begins=east))
        await session.commit()
    async with AsyncSession(engine) as session:
        begins = (await session.exec(select(Mission.begins))).one()
        assert begins == east
        assert begins.tzinfo is UTC


async def claim_deprecated(engine: AsyncEngine) -> None:
    """`execute()` and `scalars()` of SQLModel's `AsyncSession` give a `DeprecationWarning`. `exec()` and `scalar()` do not."""
    given: dict[str, bool] = {}
    async with AsyncSession(engine) as session:
        for name in ("execute", "scalars", "exec", "scalar"):
            with warnings.catch_warnings(record=True) as caught:
                warnings.simplefilter("always")
                await getattr(session, name)(select(func.count()))
            given[name] = any(warning.category is DeprecationWarning for warning in caught)
    assert given == {"execute": True, "scalars": True, "exec": False, "scalar": False}, str(given)


async def claim_exec(engine: AsyncEngine) -> None:
    """`exec()` of one model or column gives the objects or values without a `scalars()`, of two columns rows, and of an `update()` the `rowcount`."""
    async with AsyncSession(engine) as session:
        session.add(Hero(id=1, name="Deadpond"))
        await session.flush()
        assert (await session.exec(select(Hero.name))).all() == ["Deadpond"]
        assert (await session.exec(select(Hero.id, Hero.name))).all() == [(1, "Deadpond")]
        assert isinstance((await session.exec(select(Hero))).one(), Hero)
        assert (await session.exec(update(Hero).values(age=30))).rowcount == 1


async def claim_both(engine: AsyncEngine) -> None:
    """SQLModel's `AsyncSession` takes models of SQLAlchemy's `DeclarativeBase`, too: `exec(select(City))` gives their objects."""
    async with engine.begin() as connection:
        await connection.run_sync(Declared.metadata.drop_all)
        await connection.run_sync(Declared.metadata.create_all)
    async with AsyncSession(engine) as session:
        session.add_all([City(id=1, name="Oslo"), Hero(id=1, name="Deadpond")])
        await session.flush()
        cities = (await session.exec(select(City))).all()
        assert [city.name for city in cities] == ["Oslo"]
        assert (await session.exec(select(Hero.name))).one() == "Deadpond"
    async with engine.begin() as connection:
        await connection.run_sync(Declared.metadata.drop_all)


FUTURE = """
from __future__ import annotations

from sqlmodel import Field, Relationship, SQLModel


class Own(SQLModel, registry=registry):
    pass


class Club(Own, table=True):
    id: int | None = Field(default=None, primary_key=True)
    members: list[Member] = Relationship()


class Member(Own, table=True):
    id: int | None = Field(default=None, primary_key=True)
    club_id: int | None = Field(default=None, foreign_key="club.id")
"""


async def claim_future(engine: AsyncEngine) -> None:
    """In a file with `from __future__ import annotations`, a `Relationship()` annotated with `list[Member]` raises an `InvalidRequestError`
    when the mappers are configured."""
    quoted = FUTURE.replace("from __future__ import annotations", "").replace("[Member]", "['Member']")
    own = registry()
    exec(quoted, {"__name__": "club", "registry": own})
    own.configure()
    error = None
    try:
        own = registry()
        exec(FUTURE, {"__name__": "club", "registry": own})
        own.configure()
    except InvalidRequestError as raised:
        error = raised
    assert "seems to be using a generic class as the argument to relationship()" in str(error)


async def claim_convention(engine: AsyncEngine) -> None:
    """A naming convention that is set after a model is defined does not name that model's constraints."""

    class Own(SQLModel, registry=registry()):
        pass

    class Early(Own, table=True):
        id: int | None = Field(default=None, primary_key=True)

    Own.metadata.naming_convention = {"pk": "pk_%(table_name)s"}

    class Late(Own, table=True):
        id: int | None = Field(default=None, primary_key=True)

    tables = Own.metadata.tables
    assert tables["late"].primary_key.name == "pk_late"
    assert tables["early"].primary_key.name is None


async def reason_against(claim: Callable[[AsyncEngine], Awaitable[None]]) -> str:
    """Why a claim does not hold here, or nothing."""
    engine = create_async_engine(DATABASE_URL)
    try:
        async with engine.begin() as connection:
            await connection.run_sync(Base.metadata.drop_all)
            await connection.run_sync(Base.metadata.create_all)
        await claim(engine)
    except Exception as error:
        line = traceback.extract_tb(error.__traceback__)[-1].line
        return f"{type(error).__name__}: {str(error).partition(chr(10))[0] or line}"
    finally:
        await engine.dispose()
    return ""


async def main() -> None:
    for name, claim in list(globals().items()):
        if name.startswith("claim_"):
            sentence, against = " ".join(claim.__doc__.split()), await reason_against(claim)
            print(f"does not hold: {sentence} ({against})" if against else f"holds: {sentence}")
    engine = create_async_engine(DATABASE_URL)
    async with engine.begin() as connection:
        await connection.run_sync(Base.metadata.drop_all)  # Out of the way of a file that has some of these tables.
    await engine.dispose()


if __name__ == "__main__":
    asyncio.run(main())
