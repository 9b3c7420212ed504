# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0", "aiosqlite", "asyncpg", "psycopg[binary]"]
# ///
import asyncio
import os
from uuid import UUID, uuid4

from sqlalchemy import Uuid, bindparam, text
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

DATABASE_URL = os.environ.get("DATABASE_URL", "sqlite+aiosqlite:///greenlit.db")


class Base(DeclarativeBase):
    pass


class User(Base):
    __tablename__ = "users"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    name: Mapped[str]


# --8<-- [start:query]
async def name_of(session: AsyncSession, user_id: UUID) -> str | None:
    query = text("SELECT name FROM users WHERE id = :id").bindparams(bindparam("id", type_=Uuid))
    name: str | None = await session.scalar(query, {"id": user_id})
    return name


# --8<-- [end:query]


async def main() -> None:
    engine = create_async_engine(DATABASE_URL)
    try:
        async with engine.begin() as connection:
            await connection.run_sync(Base.metadata.drop_all)
            await connection.run_sync(Base.metadata.create_all)
        session_factory = async_sessionmaker(engine, expire_on_commit=False)
        async with session_factory.begin() as session:
            user = User(name="Ada")
            session.add(user)
        async with session_factory() as session:
            assert await name_of(session, user.id) == "Ada"
    finally:
        await engine.dispose()


if __name__ == "__main__":
    asyncio.run(main())
