# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0.22", "aiosqlite", "asyncpg", "psycopg[binary]"]
# ///
import asyncio
import os

from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, async_sessionmaker, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

DATABASE_URL = os.environ.get("DATABASE_URL", "sqlite+aiosqlite:///greenlit.db")


class Base(DeclarativeBase):
    pass


class User(Base):
    __tablename__ = "users"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]


# --8<-- [start:application]
def new_session_factory(engine: AsyncEngine) -> async_sessionmaker[AsyncSession]:
    return async_sessionmaker(engine, expire_on_commit=False)


async def rename(session_factory: async_sessionmaker[AsyncSession], name: str) -> str:
    async with session_factory() as session:
        user = await session.get_one(User, 1)
        user.name = name
        await session.commit()
        return user.name


# --8<-- [end:application]


async def test_rename(engine: AsyncEngine) -> None:
    session_factory = new_session_factory(engine)
    assert await rename(session_factory, "Grace") == "Grace"
    print("the test passes")
    #> the test passes


# --8<-- [start:production]
async def serve(engine: AsyncEngine) -> None:
    session_factory = new_session_factory(engine)
    print(await rename(session_factory, "Ada Lovelace"))
    #> Ada Lovelace


# --8<-- [end:production]


async def main() -> None:
    engine = create_async_engine(DATABASE_URL)
    try:
        async with engine.begin() as connection:
            await connection.run_sync(Base.metadata.drop_all)
            await connection.run_sync(Base.metadata.create_all)
        async with AsyncSession(engine) as session, session.begin():
            session.add(User(id=1, name="Ada"))
        await test_rename(engine)
        await serve(engine)
    finally:
        await engine.dispose()


if __name__ == "__main__":
    asyncio.run(main())
