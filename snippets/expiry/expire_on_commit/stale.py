# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0.22", "aiosqlite", "asyncpg", "psycopg[binary]"]
# ///
import asyncio
import os

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

DATABASE_URL = os.environ.get("DATABASE_URL", "sqlite+aiosqlite:///greenlit.db")


class Base(DeclarativeBase):
    pass


class User(Base):
    __tablename__ = "users"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]


Factory = async_sessionmaker[AsyncSession]


async def somebody_else_sets(session_factory: Factory, name: str) -> None:
    async with session_factory.begin() as session:
        await session.execute(update(User).where(User.id == 1).values(name=name))


# --8<-- [start:stale]
async def ask_again(session_factory: Factory) -> None:
    async with session_factory() as session:
        user = await session.get_one(User, 1)
        await session.commit()
        await somebody_else_sets(session_factory, "new")

        got = await session.get(User, 1)
        print(got is user, user.name)
        #> True old
        selected = await session.scalar(select(User))
        print(selected is user, user.name)
        #> True old
        print(await session.scalar(select(User.name)))
        #> new

        del user, got, selected
        print((await session.get_one(User, 1)).name)
        #> new


# --8<-- [end:stale]


# --8<-- [start:default]
async def ask_again_by_default(default_factory: Factory) -> None:
    async with default_factory() as session:
        user = await session.get_one(User, 1)
        await session.commit()
        await somebody_else_sets(default_factory, "new by now")

        got = await session.get(User, 1)
        print(got is user, user.name)
        #> True new by now


# --8<-- [end:default]


# --8<-- [start:another]
async def another_session(session_factory: Factory) -> None:
    async with session_factory() as session:
        user = await session.get_one(User, 1)
        await session.commit()
        await somebody_else_sets(session_factory, "newer")

        async with session_factory() as another:
            print((await another.get_one(User, 1)).name)
            #> newer
        print(user.name)
        #> new by now


# --8<-- [end:another]


# --8<-- [start:refresh]
async def refresh_it(session_factory: Factory) -> None:
    async with session_factory() as session:
        user = await session.get_one(User, 1)
        await session.commit()
        await somebody_else_sets(session_factory, "newer still")

        await session.refresh(user)
        print(user.name)
        #> newer still


# --8<-- [end:refresh]


# --8<-- [start:populate]
async def populate_it(session_factory: Factory) -> None:
    async with session_factory() as session:
        user = await session.get_one(User, 1)
        await session.commit()
        await somebody_else_sets(session_factory, "newest")

        overwrite = select(User).execution_options(populate_existing=True)
        await session.scalars(overwrite)
        print(user.name)
        #> newest
        await somebody_else_sets(session_factory, "newest of all")
        await session.get_one(User, 1, populate_existing=True)
        print(user.name)
        #> newest of all


# --8<-- [end:populate]


async def main() -> None:
    engine = create_async_engine(DATABASE_URL)
    try:
        async with engine.begin() as connection:
            await connection.run_sync(Base.metadata.drop_all)
            await connection.run_sync(Base.metadata.create_all)
        session_factory = async_sessionmaker(engine, expire_on_commit=False)
        async with session_factory.begin() as session:
            session.add(User(id=1, name="old"))
        await ask_again(session_factory)
        await ask_again_by_default(async_sessionmaker(engine))
        await another_session(session_factory)
        await refresh_it(session_factory)
        await populate_it(session_factory)
    finally:
        await engine.dispose()


if __name__ == "__main__":
    asyncio.run(main())
