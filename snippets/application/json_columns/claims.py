# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0.38", "aiosqlite", "asyncpg", "psycopg[binary]", "pydantic>=2"]
# ///
import asyncio
import functools
import json
import os
import traceback
import warnings
from collections.abc import Awaitable, Callable
from typing import Any

from pydantic import BaseModel, ConfigDict, ValidationError
from sqlalchemy import JSON, String, TypeDecorator, cast, func, select, update
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, create_async_engine
from sqlalchemy.ext.mutable import MutableDict, MutableList
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

DATABASE_URL = os.environ.get("DATABASE_URL", "sqlite+aiosqlite:///greenlit.db")
SHARED = JSONB().with_variant(JSON(), "sqlite")
warnings.filterwarnings("ignore", "coroutine .* was never awaited")


class Base(DeclarativeBase):
    pass


class Layout(BaseModel):
    model_config = ConfigDict(frozen=True)
    columns: int = 2


class LayoutType(TypeDecorator[Layout]):
    impl = JSON
    cache_ok = True

    def process_bind_param(self, value: Layout | None, dialect: Any) -> Any:
        return None if value is None else value.model_dump(mode="json", warnings=False)

    def process_result_value(self, value: Any, dialect: Any) -> Layout | None:
        return None if value is None else Layout.model_validate(value)


class Profile(Base):
    __tablename__ = "json_profiles"

    id: Mapped[int] = mapped_column(primary_key=True)
    settings: Mapped[dict[str, Any] | None] = mapped_column(JSONB().with_variant(JSON(), "sqlite"))
    tracked: Mapped[dict[str, Any] | None] = mapped_column(
        MutableDict.as_mutable(JSONB().with_variant(JSON(), "sqlite"))
    )
    generic: Mapped[dict[str, Any] | None] = mapped_column(JSON().with_variant(JSONB(), "postgresql"))
    layout: Mapped[Layout | None] = mapped_column(LayoutType)


async def stored(engine: AsyncEngine) -> Profile:
    async with AsyncSession(engine) as session:
        return await session.get_one(Profile, 1)


async def add(engine: AsyncEngine, **values: Any) -> None:
    async with AsyncSession(engine) as session:
        session.add(Profile(id=1, **values))
        await session.commit()


async def claim_same_instance(engine: AsyncEngine) -> None:
    """`as_mutable()` tracks each column of the class that has the same type instance, not only its own."""

    class Local(DeclarativeBase):
        pass

    class Page(Local):
        __tablename__ = "json_pages"

        id: Mapped[int] = mapped_column(primary_key=True)
        first: Mapped[dict[str, Any]] = mapped_column(SHARED)
        second: Mapped[dict[str, Any]] = mapped_column(MutableDict.as_mutable(SHARED))
        third: Mapped[dict[str, Any]] = mapped_column(JSONB().with_variant(JSON(), "sqlite"))

    page = Page(first={}, second={}, third={})
    assert isinstance(page.second, MutableDict)
    assert isinstance(page.first, MutableDict)
    assert not isinstance(page.third, MutableDict)


async def claim_list(engine: AsyncEngine) -> None:
    """`MutableDict` refuses a list with a `ValueError`. A column with a list needs `MutableList`."""

    class Local(DeclarativeBase):
        pass

    class Page(Local):
        __tablename__ = "json_pages"

        id: Mapped[int] = mapped_column(primary_key=True)
        document: Mapped[Any] = mapped_column(MutableDict.as_mutable(JSON()))
        tags: Mapped[Any] = mapped_column(MutableList.as_mutable(JSON()))

    error = None
    try:
        Page(document=["new"])
    except ValueError as raised:
        error = raised
    assert error is not None
    assert isinstance(Page(tags=["new"]).tags, MutableList)


async def claim_frozen(engine: AsyncEngine) -> None:
    """`frozen=True` makes an assignment such as `settings.theme = "dark"` raise pydantic's `ValidationError`.
    It does not stop `settings.tags.append("new")`."""

    class Settings(BaseModel):
        model_config = ConfigDict(frozen=True)
        theme: str = "light"
        tags: list[str] = []

    settings = Settings()
    error = None
    try:
        settings.theme = "dark"
    except ValidationError as raised:
        error = raised
    assert error is not None
    settings.tags.append("new")
    assert settings.tags == ["new"]


async def claim_key_order(engine: AsyncEngine) -> None:
    """`JSONB` gives the keys back in another order than they were stored."""
    await add(engine, settings={"theme": "light", "id": 1})
    settings = (await stored(engine)).settings
    assert settings is not None
    assert list(settings) == ["id", "theme"]


async def claim_expression(engine: AsyncEngine) -> None:
    """A column with `MutableDict` refuses a SQL expression as its value, with a `ValueError`. A plain column takes it."""
    profile = Profile()
    profile.settings = Profile.settings.concat({"theme": "dark"})
    error = None
    try:
        profile.tracked = Profile.tracked.concat({"theme": "dark"})
    except ValueError as raised:
        error = raised
    assert error is not None


async def claim_json_null(engine: AsyncEngine) -> None:
    """If the column holds a JSON `null`, `||` stores a list instead of your dictionary. If it holds SQL `NULL`, it stays `NULL`."""
    await add(engine, settings=None)
    merge = update(Profile).values(
        settings=Profile.settings.concat({"theme": "dark"}), tracked=Profile.tracked.concat({"theme": "dark"})
    )
    async with AsyncSession(engine) as session:
        await session.execute(merge)
        await session.commit()
    profile = await stored(engine)
    settings: Any = profile.settings
    assert settings == [None, {"theme": "dark"}]
    assert profile.tracked is None


async def claim_nested(engine: AsyncEngine) -> None:
    """`||` replaces a nested object as a whole. `jsonb_set` changes one value inside it, and changes nothing if the object itself is missing."""
    document = {"mail": {"news": True, "offers": True}}
    await add(engine, settings=document)

    async def after(expression: Any) -> Any:
        async with AsyncSession(engine) as session:
            query = update(Profile).values(settings=expression).returning(Profile.settings)
            return (await session.scalars(query)).one()

    assert await after(Profile.settings.concat({"mail": {"news": False}})) == {"mail": {"news": False}}
    path, missing = cast(["mail", "news"], ARRAY(String)), cast(["push", "news"], ARRAY(String))
    off = func.to_jsonb(False)
    assert await after(func.jsonb_set(Profile.settings, path, off)) == {"mail": {"news": False, "offers": True}}
    assert await after(func.jsonb_set(Profile.settings, missing, off)) == document


async def claim_missing_key(engine: AsyncEngine) -> None:
    """A comparison with `!=` does not find rows in which the key is missing."""
    await add(engine, settings={})
    theme = Profile.settings["theme"].as_string()
    async with AsyncSession(engine) as session:
        assert (await session.scalars(select(Profile.id).where(theme != "dark"))).all() == []
        assert (await session.scalars(select(Profile.id).where(theme.is_(None)))).all() == [1]


async def claim_generic_contains(engine: AsyncEngine) -> None:
    """A `JSON` type with a variant `JSONB` does not have JSONB's `contains()`: it becomes a `LIKE`."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # SQLAlchemy 2.1 warns.
        query = select(Profile.id).where(Profile.generic.contains({"id": 1}))
    generic = str(query.compile(dialect=engine.dialect))
    other = str(select(Profile.id).where(Profile.settings.contains({"id": 1})).compile(dialect=engine.dialect))
    assert "LIKE" in generic
    assert "@>" in other


async def claim_model_copy(engine: AsyncEngine) -> None:
    """`model_copy(update=…)` does not validate: a wrong value is stored, and then each query that reads this row raises `ValidationError`."""
    await add(engine, layout=Layout())
    async with AsyncSession(engine) as session:
        profile = await session.get_one(Profile, 1)
        assert profile.layout is not None
        profile.layout = profile.layout.model_copy(update={"columns": "two"})
        session.add(Profile(id=2, layout=Layout()))
        await session.commit()
    error = None
    async with AsyncSession(engine) as session:
        try:
            (await session.scalars(select(Profile))).all()
        except ValidationError as raised:
            error = raised
    assert error is not None


async def claim_default_str(engine: AsyncEngine) -> None:
    """`default=str` takes each object that JSON does not know: a set is stored as the string `"{1}"`, and nothing is raised."""
    other = create_async_engine(engine.url, json_serializer=functools.partial(json.dumps, default=str))
    await add(other, settings={"ids": {1}})
    await other.dispose()
    assert (await stored(engine)).settings == {"ids": "{1}"}


async def claim_after_merge(engine: AsyncEngine) -> None:
    """After the merge, the attribute of an object that was loaded before has expired: reading it raises `MissingGreenlet`, in some runs inside a `StatementError`."""
    await add(engine, settings={"theme": "light"})
    error = None
    async with AsyncSession(engine) as session:
        profile = await session.get_one(Profile, 1)
        await session.execute(update(Profile).values(settings=Profile.settings.concat({"theme": "dark"})))
        try:
            print(profile.settings)
        except Exception as raised:
            error = raised
        assert "MissingGreenlet" in f"{type(error).__name__}: {error}"
        await session.refresh(profile, ["settings"])
        assert profile.settings == {"theme": "dark"}


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
