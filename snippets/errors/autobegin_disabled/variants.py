# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0.22", "aiosqlite", "asyncpg", "psycopg[binary]"]
# ///
import asyncio
import os
from collections.abc import Awaitable, Callable

from sqlalchemy.exc import InvalidRequestError
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

DATABASE_URL = os.environ.get("DATABASE_URL", "sqlite+aiosqlite:///greenlit.db")


class Base(DeclarativeBase):
    pass


class User(Base):
    __tablename__ = "users"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]


# --8<-- [start:variants]
async def add_before_begin(session: AsyncSession) -> None:
    session.add(User(name="Grace"))


async def commit_then_query(session: AsyncSession) -> None:
    await session.begin()
    await session.commit()
    await session.get_one(User, 1)


async def read_expired_attribute(session: AsyncSession) -> None:
    async with session.begin():
        user = await session.get_one(User, 1)
    user.name.upper()


# --8<-- [end:variants]


VARIANTS: list[Callable[[AsyncSession], Awaitable[None]]] = [
    add_before_begin,
    commit_then_query,
    read_expired_attribute,
]


# --8<-- [start:table]
async def compare(session_factory: async_sessionmaker[AsyncSession]) -> None:
    print("function | outcome")
    #> function | outcome
    for variant in VARIANTS:
        async with session_factory() as session:
            print(f"`{variant.__name__}` | {await outcome(variant, session)}")
            #> `add_before_begin` | Autobegin is disabled on this Session
            #> `commit_then_query` | Autobegin is disabled on this Session
            #> `read_expired_attribute` | Autobegin is disabled on this Session


# --8<-- [end:table]


async def outcome(variant: Callable[[AsyncSession], Awaitable[None]], session: AsyncSession) -> str:
    try:
        await variant(session)
    except InvalidRequestError as error:
        return str(error).partition(";")[0]
    return "works"


async def main() -> None:
    engine = create_async_engine(DATABASE_URL)
    try:
        async with engine.begin() as connection:
            await connection.run_sync(Base.metadata.drop_all)
            await connection.run_sync(Base.metadata.create_all)
        session_factory = async_sessionmaker(engine, autobegin=False)
        async with session_factory() as session, session.begin():
            session.add(User(id=1, name="Ada"))
        await compare(session_factory)
    finally:
        await engine.dispose()


if __name__ == "__main__":
    asyncio.run(main())
