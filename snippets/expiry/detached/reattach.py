# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0.22", "aiosqlite", "asyncpg", "psycopg[binary]"]
# ///
import asyncio
import os
from collections.abc import Awaitable, Callable

from sqlalchemy import update
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

DATABASE_URL = os.environ.get("DATABASE_URL", "sqlite+aiosqlite:///greenlit.db")


class Base(DeclarativeBase):
    pass


class User(Base):
    __tablename__ = "users"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]
    plan: Mapped[str]


# --8<-- [start:ways]
async def add(session: AsyncSession, user: User) -> User:
    session.add(user)
    return user


async def add_and_refresh(session: AsyncSession, user: User) -> User:
    session.add(user)
    await session.refresh(user)
    return user


async def merge(session: AsyncSession, user: User) -> User:
    return await session.merge(user)


async def get_and_change(session: AsyncSession, user: User) -> User:
    fresh = await session.get_one(User, user.id)
    fresh.plan = user.plan
    return fresh


# --8<-- [end:ways]


WAYS: dict[str, Callable[[AsyncSession, User], Awaitable[User]]] = {
    "session.add": add,
    "session.add, then refresh": add_and_refresh,
    "session.merge": merge,
    "get by id, set the attribute": get_and_change,
}


# --8<-- [start:table]
async def compare(session_factory: async_sessionmaker[AsyncSession]) -> None:
    print("How it comes back | is your object | the row after commit")
    #> How it comes back | is your object | the row after commit
    for title, way in WAYS.items():
        user = await load_and_change(session_factory)
        async with session_factory.begin() as session:
            attached = await way(session, user)
        async with session_factory() as session:
            row = await session.get_one(User, 1)
            print(f"{title} | {attached is user} | {row.name}, {row.plan}")
            #> session.add | True | Ada Lovelace, paid
            #> session.add, then refresh | True | Ada Lovelace, free
            #> session.merge | False | Ada, paid
            #> get by id, set the attribute | False | Ada Lovelace, paid


# --8<-- [end:table]


# --8<-- [start:change]
async def load_and_change(session_factory: async_sessionmaker[AsyncSession]) -> User:
    async with session_factory.begin() as session:
        user = await session.merge(User(id=1, name="Ada", plan="free"))
    user.plan = "paid"
    async with session_factory.begin() as session:
        await session.execute(update(User).values(name="Ada Lovelace"))
    return user


# --8<-- [end:change]


async def main() -> None:
    engine = create_async_engine(DATABASE_URL)
    try:
        async with engine.begin() as connection:
            await connection.run_sync(Base.metadata.drop_all)
            await connection.run_sync(Base.metadata.create_all)
        await compare(async_sessionmaker(engine, expire_on_commit=False))
    finally:
        await engine.dispose()


if __name__ == "__main__":
    asyncio.run(main())
