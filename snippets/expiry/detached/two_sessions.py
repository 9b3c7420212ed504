# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0.22", "aiosqlite", "asyncpg", "psycopg[binary]"]
# ///
import asyncio
import os
import re

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


# --8<-- [start:two]
async def two_sessions(session_factory: async_sessionmaker[AsyncSession]) -> None:
    async with session_factory() as first, session_factory() as second:
        user = await first.get_one(User, 1)
        try:
            second.add(user)
        except InvalidRequestError as error:
            print(without_numbers(error))
            #> Object '<User at ...>' is already attached to session ... (this is ...)
        try:
            await second.refresh(user)
        except InvalidRequestError as error:
            print(without_numbers(error))
            #> Instance '<User at ...>' is not persistent within this Session
        copy = await second.merge(user)
        print(copy.name, copy is user)
        #> Ada False


# --8<-- [end:two]


def without_numbers(error: InvalidRequestError) -> str:
    """Addresses and the numbers of sessions differ from run to run."""
    return re.sub(r"0x[0-9a-f]+|'\d+'", "...", str(error))


async def main() -> None:
    engine = create_async_engine(DATABASE_URL)
    try:
        async with engine.begin() as connection:
            await connection.run_sync(Base.metadata.drop_all)
            await connection.run_sync(Base.metadata.create_all)
        session_factory = async_sessionmaker(engine)
        async with session_factory.begin() as session:
            session.add(User(id=1, name="Ada"))
        await two_sessions(session_factory)
    finally:
        await engine.dispose()


if __name__ == "__main__":
    asyncio.run(main())
