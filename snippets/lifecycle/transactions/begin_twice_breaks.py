# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0", "aiosqlite", "asyncpg", "psycopg[binary]"]
# ///
# raises: sqlalchemy.exc.InvalidRequestError
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
    token: Mapped[str]


class Note(Base):
    __tablename__ = "notes"

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int]
    text: Mapped[str]


# --8<-- [start:note]
async def signed_in(session: AsyncSession, token: str) -> User:
    return (await session.scalars(select(User).where(User.token == token))).one()


async def write_note(session: AsyncSession, token: str, text: str) -> None:
    user = await signed_in(session, token)
    async with session.begin():
        session.add(Note(user_id=user.id, text=text))


# --8<-- [end:note]


async def main() -> None:
    engine = create_async_engine(DATABASE_URL)
    try:
        async with engine.begin() as connection:
            await connection.run_sync(Base.metadata.drop_all)
            await connection.run_sync(Base.metadata.create_all)
        session_factory = async_sessionmaker(engine)
        async with session_factory.begin() as session:
            session.add(User(id=1, token="t0k3n"))
        async with session_factory() as session:
            await write_note(session, "t0k3n", "call Ada")
    finally:
        await engine.dispose()


if __name__ == "__main__":
    asyncio.run(main())
