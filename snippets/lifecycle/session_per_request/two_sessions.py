# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0.22", "aiosqlite", "asyncpg", "psycopg[binary]"]
# ///
import asyncio
import os

from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

DATABASE_URL = os.environ.get("DATABASE_URL", "sqlite+aiosqlite:///greenlit.db")


class Base(DeclarativeBase):
    pass


class User(Base):
    __tablename__ = "users"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]


engine = create_async_engine(
    DATABASE_URL,
    pool_size=1,
    max_overflow=0,
    pool_timeout=0.2,
)
session_factory: async_sessionmaker[AsyncSession] = async_sessionmaker(engine)


# --8<-- [start:request]
async def friend_of(session: AsyncSession, user: User) -> str:
    friend = await session.get_one(User, user.id + 1)
    return friend.name


async def answer_request() -> str:
    async with session_factory() as session:
        user = await session.get_one(User, 1)
        friend = await friend_of(session, user)
        return f"{user.name} knows {friend}"


# --8<-- [end:request]


async def main() -> None:
    try:
        async with engine.begin() as connection:
            await connection.run_sync(Base.metadata.drop_all)
            await connection.run_sync(Base.metadata.create_all)
        async with session_factory.begin() as session:
            session.add_all([User(id=1, name="Ada"), User(id=2, name="Grace")])
        # --8<-- [start:ask]
        print(await answer_request())
        #> Ada knows Grace
        # --8<-- [end:ask]
    finally:
        await engine.dispose()


if __name__ == "__main__":
    asyncio.run(main())
