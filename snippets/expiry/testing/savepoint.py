# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0.22", "aiosqlite", "asyncpg", "psycopg[binary]"]
# ///
import asyncio
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from sqlalchemy import inspect
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

DATABASE_URL = os.environ.get("DATABASE_URL", "sqlite+aiosqlite:///greenlit.db")


class Base(DeclarativeBase):
    pass


class User(Base):
    __tablename__ = "users"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]


# --8<-- [start:fixture]
@asynccontextmanager
async def isolated_session(
    engine: AsyncEngine, expire_on_commit: bool
) -> AsyncIterator[AsyncSession]:
    async with engine.connect() as connection:
        transaction = await connection.begin()
        async with AsyncSession(
            connection,
            expire_on_commit=expire_on_commit,
            join_transaction_mode="create_savepoint",
        ) as session:
            yield session
        await transaction.rollback()


# --8<-- [end:fixture]


# --8<-- [start:table]
async def release_savepoint(session: AsyncSession, user: User) -> None:
    async with session.begin_nested():
        user.name = "Ada Lovelace"


async def roll_back_savepoint(session: AsyncSession, user: User) -> None:
    async with session.begin_nested() as savepoint:
        user.name = "Ada Lovelace"
        await savepoint.rollback()


async def commit(session: AsyncSession, user: User) -> None:
    user.name = "Ada Lovelace"
    await session.commit()


async def roll_back(session: AsyncSession, user: User) -> None:
    user.name = "Ada Lovelace"
    await session.rollback()


async def what_expires(engine: AsyncEngine) -> None:
    print("What ends | expire_on_commit | the changed object | an untouched object")
    #> What ends | expire_on_commit | the changed object | an untouched object
    for end in (release_savepoint, roll_back_savepoint, commit, roll_back):
        for setting in (True, False):
            async with isolated_session(engine, setting) as session:
                changed = await session.get_one(User, 1)
                untouched = await session.get_one(User, 2)
                await end(session, changed)
                print(end.__name__, "|", setting, "|", state(changed), "|", state(untouched))
                #> release_savepoint | True | kept | kept
                #> release_savepoint | False | kept | kept
                #> roll_back_savepoint | True | expired | kept
                #> roll_back_savepoint | False | expired | kept
                #> commit | True | expired | expired
                #> commit | False | kept | kept
                #> roll_back | True | expired | expired
                #> roll_back | False | expired | expired


# --8<-- [end:table]


def state(user: User) -> str:
    return "expired" if "name" in inspect(user).expired_attributes else "kept"


async def main() -> None:
    engine = create_async_engine(DATABASE_URL)
    try:
        async with engine.begin() as connection:
            await connection.run_sync(Base.metadata.drop_all)
            await connection.run_sync(Base.metadata.create_all)
        async with AsyncSession(engine) as session, session.begin():
            session.add_all([User(id=1, name="Ada"), User(id=2, name="Grace")])
        await what_expires(engine)
    finally:
        await engine.dispose()


if __name__ == "__main__":
    asyncio.run(main())
