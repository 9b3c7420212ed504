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


# --8<-- [start:update]
async def update_by_statement(session_factory: async_sessionmaker[AsyncSession]) -> None:
    async with session_factory() as session:
        user = await session.get_one(User, 1)
        await session.execute(update(User).values(name="Grace"))
        print(user.name)
        #> Grace
        unsynchronized = update(User).values(name="Barbara")
        await session.execute(unsynchronized, execution_options={"synchronize_session": False})
        print(user.name)
        #> Grace
        print(await session.scalar(select(User.name)))
        #> Barbara


# --8<-- [end:update]


async def main() -> None:
    engine = create_async_engine(DATABASE_URL)
    try:
        async with engine.begin() as connection:
            await connection.run_sync(Base.metadata.drop_all)
            await connection.run_sync(Base.metadata.create_all)
        session_factory = async_sessionmaker(engine, expire_on_commit=False)
        async with session_factory.begin() as session:
            session.add(User(name="Ada"))
        await update_by_statement(session_factory)
    finally:
        await engine.dispose()


if __name__ == "__main__":
    asyncio.run(main())
