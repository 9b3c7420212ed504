# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0.22", "aiosqlite", "asyncpg", "psycopg[binary]"]
# ///
import asyncio
import os
from collections.abc import Awaitable, Callable

from sqlalchemy import text
from sqlalchemy.exc import InvalidRequestError
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

DATABASE_URL = os.environ.get("DATABASE_URL", "sqlite+aiosqlite:///greenlit.db")


class Base(DeclarativeBase):
    pass


class User(Base):
    __tablename__ = "users"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]


# --8<-- [start:variants]
async def rollback_then_add(engine: AsyncEngine) -> None:
    async with AsyncSession(engine) as session, session.begin():
        await session.rollback()
        session.add(User(name="Grace"))
        await session.flush()


async def close_then_query(engine: AsyncEngine) -> None:
    async with AsyncSession(engine) as session, session.begin():
        await session.close()
        await session.get_one(User, 1)


async def commit_then_read_attribute(engine: AsyncEngine) -> None:
    async with AsyncSession(engine) as session, session.begin():
        user = await session.get_one(User, 1)
        await session.commit()
        user.name.upper()


async def connection_commit_then_execute(engine: AsyncEngine) -> None:
    async with engine.begin() as connection:
        await connection.commit()
        await connection.execute(text("SELECT 1"))


async def commit_is_the_last_call(engine: AsyncEngine) -> None:
    async with AsyncSession(engine) as session, session.begin():
        session.add(User(name="Grace"))
        await session.commit()


# --8<-- [end:variants]


VARIANTS: list[Callable[[AsyncEngine], Awaitable[None]]] = [
    rollback_then_add,
    close_then_query,
    commit_then_read_attribute,
    connection_commit_then_execute,
    commit_is_the_last_call,
]


# --8<-- [start:table]
async def compare(engine: AsyncEngine) -> None:
    print("function | outcome")
    #> function | outcome
    for variant in VARIANTS:
        print(f"`{variant.__name__}` | {await outcome(variant, engine)}")
        #> `rollback_then_add` | Can't operate on closed transaction
        #> `close_then_query` | Can't operate on closed transaction
        #> `commit_then_read_attribute` | Can't operate on closed transaction
        #> `connection_commit_then_execute` | Can't operate on closed transaction
        #> `commit_is_the_last_call` | works


# --8<-- [end:table]


async def outcome(variant: Callable[[AsyncEngine], Awaitable[None]], engine: AsyncEngine) -> str:
    try:
        await variant(engine)
    except InvalidRequestError as error:
        return str(error).partition(" inside")[0]
    return "works"


async def main() -> None:
    engine = create_async_engine(DATABASE_URL)
    try:
        async with engine.begin() as connection:
            await connection.run_sync(Base.metadata.drop_all)
            await connection.run_sync(Base.metadata.create_all)
        async with AsyncSession(engine) as session, session.begin():
            session.add(User(name="Ada"))
        await compare(engine)
    finally:
        await engine.dispose()


if __name__ == "__main__":
    asyncio.run(main())
