# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0", "aiosqlite", "asyncpg", "psycopg[binary]"]
# ///
import asyncio
import os

from sqlalchemy import exists, select
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

DATABASE_URL = os.environ.get("DATABASE_URL", "sqlite+aiosqlite:///greenlit.db")


class Base(DeclarativeBase):
    pass


class User(Base):
    __tablename__ = "users"

    id: Mapped[int] = mapped_column(primary_key=True)


# --8<-- [start:check]
async def ask(engine: AsyncEngine) -> None:
    async with engine.connect() as connection:
        await connection.execute(select(exists(User.id)))


# --8<-- [end:check]


async def main() -> None:
    engine = create_async_engine(DATABASE_URL)
    try:
        async with engine.begin() as connection:
            await connection.run_sync(Base.metadata.drop_all)
        # --8<-- [start:start]
        try:
            await ask(engine)
        except DBAPIError as error:
            print("users" in str(error.orig))
            #> True
        async with engine.begin() as connection:
            await connection.run_sync(Base.metadata.create_all)
        await ask(engine)
        # --8<-- [end:start]
    finally:
        await engine.dispose()


if __name__ == "__main__":
    asyncio.run(main())
