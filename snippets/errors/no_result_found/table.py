# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0", "aiosqlite", "asyncpg", "psycopg[binary]"]
# ///
import asyncio
import os
from typing import Any

from sqlalchemy import select
from sqlalchemy.exc import MultipleResultsFound, NoResultFound
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

DATABASE_URL = os.environ.get("DATABASE_URL", "sqlite+aiosqlite:///greenlit.db")


class Base(DeclarativeBase):
    pass


class User(Base):
    __tablename__ = "users"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]


# --8<-- [start:table]
async def compare(session: AsyncSession) -> None:
    print("Of the result | no row | one row | two rows")
    #> Of the result | no row | one row | two rows
    for method in ("one", "one_or_none", "first", "all"):
        cells = []
        for name in ("Nobody", "Ada", "Grace"):
            result = await session.scalars(select(User).where(User.name == name))
            cells.append(outcome(getattr(result, method)))
        print(" | ".join([f"{method}()", *cells]))
        #> one() | NoResultFound | a user | MultipleResultsFound
        #> one_or_none() | None | a user | MultipleResultsFound
        #> first() | None | a user | a user
        #> all() | a list of 0 | a list of 1 | a list of 2


# --8<-- [end:table]


def outcome(method: Any) -> str:
    try:
        got = method()
    except (NoResultFound, MultipleResultsFound) as error:
        return type(error).__name__
    if isinstance(got, list):
        return f"a list of {len(got)}"
    return "None" if got is None else "a user"


# --8<-- [start:texts]
async def texts(session: AsyncSession) -> None:
    grace = select(User).where(User.name == "Grace")
    for method in ("one", "one_or_none"):
        try:
            getattr(await session.scalars(grace), method)()
        except MultipleResultsFound as error:
            print(f"{method}(): {error}")
            #> one(): Multiple rows were found when exactly one was required
            #> one_or_none(): Multiple rows were found when one or none was required


# --8<-- [end:texts]


async def main() -> None:
    engine = create_async_engine(DATABASE_URL)
    try:
        async with engine.begin() as connection:
            await connection.run_sync(Base.metadata.drop_all)
            await connection.run_sync(Base.metadata.create_all)
        session_factory = async_sessionmaker(engine)
        async with session_factory.begin() as session:
            session.add_all([User(name="Ada"), User(name="Grace"), User(name="Grace")])
        async with session_factory() as session:
            await compare(session)
            await texts(session)
    finally:
        await engine.dispose()


if __name__ == "__main__":
    asyncio.run(main())
