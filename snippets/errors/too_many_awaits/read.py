# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0", "aiosqlite", "asyncpg", "psycopg[binary]"]
# ///
import asyncio
import os

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

DATABASE_URL = os.environ.get("DATABASE_URL", "sqlite+aiosqlite:///greenlit.db")


class Base(DeclarativeBase):
    pass


class User(Base):
    __tablename__ = "users"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]


# --8<-- [start:read]
async def names(async_session: async_sessionmaker[AsyncSession]) -> list[str]:
    async with async_session() as session:
        result = await session.scalars(select(User))
        users = result.all()
        return [user.name for user in users]


# --8<-- [end:read]


async def main() -> None:
    engine = create_async_engine(DATABASE_URL)
    try:
        async with engine.begin() as connection:
            await connection.run_sync(Base.metadata.drop_all)
            await connection.run_sync(Base.metadata.create_all)
        async_session = async_sessionmaker(engine)
        async with async_session.begin() as session:
            session.add(User(id=1, name="Ada"))
        print(await names(async_session))
        #> ['Ada']
    finally:
        await engine.dispose()


if __name__ == "__main__":
    asyncio.run(main())
