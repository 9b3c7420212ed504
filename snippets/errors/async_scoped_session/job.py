# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0.22", "aiosqlite", "asyncpg", "psycopg[binary]"]
# ///
import asyncio
import os

from sqlalchemy.ext.asyncio import (
    AsyncSession,
    async_scoped_session,
    async_sessionmaker,
    create_async_engine,
)
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column

DATABASE_URL = os.environ.get("DATABASE_URL", "sqlite+aiosqlite:///greenlit.db")


class Base(DeclarativeBase):
    pass


class User(Base):
    __tablename__ = "users"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]


# --8<-- [start:job]
def name_of(session: Session, user_id: int) -> str:
    return session.get_one(User, user_id).name


async def job(current: async_scoped_session[AsyncSession]) -> None:
    try:
        session = current()
        print(await session.run_sync(name_of, 1))
        #> Ada
    finally:
        await current.remove()


# --8<-- [end:job]


async def main() -> None:
    engine = create_async_engine(DATABASE_URL)
    try:
        async with engine.begin() as connection:
            await connection.run_sync(Base.metadata.drop_all)
            await connection.run_sync(Base.metadata.create_all)
        session_factory = async_sessionmaker(engine)
        async with session_factory.begin() as session:
            session.add(User(id=1, name="Ada"))
        # --8<-- [start:factory]
        current = async_scoped_session(session_factory, scopefunc=asyncio.current_task)
        # --8<-- [end:factory]
        await job(current)
    finally:
        await engine.dispose()


if __name__ == "__main__":
    asyncio.run(main())
