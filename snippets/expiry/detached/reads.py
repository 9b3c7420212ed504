# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0", "aiosqlite", "asyncpg", "psycopg[binary]"]
# ///
import asyncio
import os
import warnings
from collections.abc import Callable
from inspect import isawaitable
from typing import Literal, NamedTuple

from sqlalchemy import ForeignKey, inspect, select
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncAttrs, AsyncSession, async_sessionmaker, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column, relationship, selectinload

DATABASE_URL = os.environ.get("DATABASE_URL", "sqlite+aiosqlite:///greenlit.db")


class Base(AsyncAttrs, DeclarativeBase):
    pass


class User(Base):
    __tablename__ = "users"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]
    bio: Mapped[str] = mapped_column(deferred=True)
    orders: Mapped[list["Order"]] = relationship()


class Order(Base):
    __tablename__ = "orders"

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"))


class Case(NamedTuple):
    what: str
    read: Callable[[User], object]
    before: Literal["commit", "rollback", "expunge", ""] = ""
    keep: bool = False
    eager: bool = False


# --8<-- [start:cases]
CASES = [
    Case("loaded column", lambda user: user.name),
    Case("column, after commit", lambda user: user.name, "commit"),
    Case("column, after commit, expire_on_commit=False", lambda user: user.name, "commit", keep=True),
    Case("column, rollback, expire_on_commit=False", lambda user: user.name, "rollback", keep=True),
    Case("deferred column", lambda user: user.bio),
    Case("relationship, not loaded", lambda user: user.orders),
    Case("relationship, selectinload", lambda user: user.orders, eager=True),
    Case("relationship, selectinload, after commit", lambda user: user.orders, "commit", eager=True),
    Case("awaitable_attrs.orders, not loaded", lambda user: user.awaitable_attrs.orders),
    Case("loaded column, after expunge", lambda user: user.name, "expunge"),
    Case("relationship, after expunge", lambda user: user.orders, "expunge"),
    Case("inspect(user).identity, after commit", lambda user: inspect(user).identity, "commit"),
]
# --8<-- [end:cases]


# --8<-- [start:table]
async def compare(factory: async_sessionmaker[AsyncSession]) -> None:
    print("What you read | session open | session closed")
    #> What you read | session open | session closed
    for case in CASES:
        still_open = await outcome(case, factory, close=False)
        print(f"{case.what} | {still_open} | {await outcome(case, factory, close=True)}")
        #> loaded column | readable | readable
        #> column, after commit | MissingGreenlet | DetachedInstanceError
        #> column, after commit, expire_on_commit=False | readable | readable
        #> column, rollback, expire_on_commit=False | MissingGreenlet | DetachedInstanceError
        #> deferred column | MissingGreenlet | DetachedInstanceError
        #> relationship, not loaded | MissingGreenlet | DetachedInstanceError
        #> relationship, selectinload | readable | readable
        #> relationship, selectinload, after commit | MissingGreenlet | DetachedInstanceError
        #> awaitable_attrs.orders, not loaded | readable | DetachedInstanceError
        #> loaded column, after expunge | readable | readable
        #> relationship, after expunge | DetachedInstanceError | DetachedInstanceError
        #> inspect(user).identity, after commit | readable | readable


# --8<-- [end:table]


async def outcome(case: Case, factory: async_sessionmaker[AsyncSession], close: bool) -> str:
    query = select(User).options(selectinload(User.orders)) if case.eager else select(User)
    async with factory(expire_on_commit=not case.keep) as session:
        user = (await session.scalars(query)).one()
        if case.before == "commit":
            await session.commit()
        elif case.before == "rollback":
            await session.rollback()
        elif case.before == "expunge":
            session.expunge(user)
        if close:
            await session.close()
        return await attempt(case.read, user)


async def attempt(read: Callable[[User], object], user: User) -> str:
    try:
        value = read(user)
        if isawaitable(value):
            await value
    except SQLAlchemyError as error:
        # On 2.1, aiosqlite and psycopg wrap MissingGreenlet into a StatementError.
        return type(getattr(error, "orig", error)).__name__
    return "readable"


async def main() -> None:
    engine = create_async_engine(DATABASE_URL)
    try:
        async with engine.begin() as connection:
            await connection.run_sync(Base.metadata.drop_all)
            await connection.run_sync(Base.metadata.create_all)
        session_factory = async_sessionmaker(engine)
        async with session_factory.begin() as session:
            session.add(User(id=1, name="Ada", bio="First programmer", orders=[Order()]))
        # With aiosqlite on 2.1, each refused read leaves a coroutine behind.
        warnings.filterwarnings("ignore", "coroutine 'Connection.cursor' was never awaited")
        await compare(session_factory)
    finally:
        async with engine.begin() as connection:
            await connection.run_sync(Base.metadata.drop_all)
        await engine.dispose()


if __name__ == "__main__":
    asyncio.run(main())
