# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0", "aiosqlite", "asyncpg", "psycopg[binary]"]
# ///
import asyncio
import os
from collections.abc import Callable
from copy import deepcopy
from typing import Any

from sqlalchemy import JSON
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.ext.asyncio import async_sessionmaker, create_async_engine
from sqlalchemy.ext.mutable import MutableDict
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column
from sqlalchemy.orm.attributes import flag_modified

DATABASE_URL = os.environ.get("DATABASE_URL", "sqlite+aiosqlite:///greenlit.db")
Document = dict[str, Any]


class Base(DeclarativeBase):
    pass


class User(Base):
    __tablename__ = "users"

    id: Mapped[int] = mapped_column(primary_key=True)
    plain: Mapped[Document] = mapped_column(JSONB().with_variant(JSON(), "sqlite"))
    tracked: Mapped[Document] = mapped_column(
        MutableDict.as_mutable(JSONB().with_variant(JSON(), "sqlite"))
    )


# --8<-- [start:ways]
def set_key(user: User, name: str) -> None:
    getattr(user, name)["theme"] = "dark"


def nested(user: User, name: str) -> None:
    getattr(user, name)["tags"].append("new")


def nested_and_flag(user: User, name: str) -> None:
    getattr(user, name)["tags"].append("new")
    flag_modified(user, name)


def new_list(user: User, name: str) -> None:
    settings = getattr(user, name)
    settings["tags"] = [*settings["tags"], "new"]


def change_then_assign_copy(user: User, name: str) -> None:
    settings = getattr(user, name)
    settings["theme"] = "dark"
    setattr(user, name, dict(settings))


def copy_then_change(user: User, name: str) -> None:
    setattr(user, name, {**getattr(user, name), "theme": "dark"})


def shallow_copy_then_nested(user: User, name: str) -> None:
    settings = dict(getattr(user, name))
    settings["tags"].append("new")
    setattr(user, name, settings)


def deep_copy_then_nested(user: User, name: str) -> None:
    settings = deepcopy(dict(getattr(user, name)))
    settings["tags"].append("new")
    setattr(user, name, settings)


# --8<-- [end:ways]

WAYS: dict[str, Callable[[User, str], None]] = {
    "set a key": set_key,
    "change a list inside": nested,
    "change a list inside, then `flag_modified`": nested_and_flag,
    "set a key to a new list": new_list,
    "set a key, then assign `dict(settings)`": change_then_assign_copy,
    "assign a new dict with another value": copy_then_change,
    "assign `dict(settings)` with a list changed inside": shallow_copy_then_nested,
    "assign a `deepcopy` with a list changed inside": deep_copy_then_nested,
}


async def main() -> None:
    engine = create_async_engine(DATABASE_URL)
    session_factory = async_sessionmaker(engine, expire_on_commit=False)

    async def outcome(change: Callable[[User, str], None], name: str) -> str:
        async with engine.begin() as connection:
            await connection.run_sync(Base.metadata.drop_all)
            await connection.run_sync(Base.metadata.create_all)
        before = {"theme": "light", "tags": ["old"]}
        async with session_factory.begin() as session:
            session.add(User(id=1, plain=deepcopy(before), tracked=deepcopy(before)))
        async with session_factory.begin() as session:
            change(await session.get_one(User, 1), name)
        async with session_factory() as session:
            stored = getattr(await session.get_one(User, 1), name)
        return "**lost**" if stored == before else "stored"

    try:
        # --8<-- [start:table]
        print("what the code does | JSON column | with `MutableDict`")
        #> what the code does | JSON column | with `MutableDict`
        for name, way in WAYS.items():
            plain, tracked = await outcome(way, "plain"), await outcome(way, "tracked")
            print(f"{name} | {plain} | {tracked}")
            #> set a key | **lost** | stored
            #> change a list inside | **lost** | **lost**
            #> change a list inside, then `flag_modified` | stored | stored
            #> set a key to a new list | **lost** | stored
            #> set a key, then assign `dict(settings)` | **lost** | stored
            #> assign a new dict with another value | stored | stored
            #> assign `dict(settings)` with a list changed inside | **lost** | **lost**
            #> assign a `deepcopy` with a list changed inside | stored | stored
        # --8<-- [end:table]
    finally:
        await engine.dispose()


if __name__ == "__main__":
    asyncio.run(main())
