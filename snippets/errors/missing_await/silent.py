# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0", "aiosqlite", "asyncpg", "psycopg[binary]"]
# ///
import asyncio
import os
import warnings

from sqlalchemy import delete
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

DATABASE_URL = os.environ.get("DATABASE_URL", "sqlite+aiosqlite:///greenlit.db")


class Base(DeclarativeBase):
    pass


class User(Base):
    __tablename__ = "users"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]


# --8<-- [start:silent]
async def may_sign_up(session: AsyncSession) -> None:
    taken = session.get(User, 404)
    print("taken" if taken else "free")
    #> taken
    print("taken" if await taken else "free")
    #> free


# --8<-- [end:silent]


# --8<-- [start:warning]
async def forget(session: AsyncSession) -> None:
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        session.execute(delete(User))  # type: ignore[unused-coroutine]
    print(f"{caught[0].category.__name__}: {caught[0].message}")
    #> RuntimeWarning: coroutine 'AsyncSession.execute' was never awaited


# --8<-- [end:warning]


async def main() -> None:
    engine = create_async_engine(DATABASE_URL)
    try:
        async with engine.begin() as connection:
            await connection.run_sync(Base.metadata.drop_all)
            await connection.run_sync(Base.metadata.create_all)
        session_factory = async_sessionmaker(engine)
        async with session_factory.begin() as session:
            session.add(User(id=1, name="Ada"))
        async with session_factory() as session:
            await may_sign_up(session)
            await forget(session)
    finally:
        await engine.dispose()


if __name__ == "__main__":
    asyncio.run(main())
