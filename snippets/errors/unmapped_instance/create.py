# /// script
# requires-python = ">=3.11"
# dependencies = [
#     "sqlalchemy[asyncio]>=2.0", "aiosqlite", "asyncpg", "psycopg[binary]", "pydantic>=2",
# ]
# ///
import asyncio
import os

from pydantic import BaseModel
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

DATABASE_URL = os.environ.get("DATABASE_URL", "sqlite+aiosqlite:///greenlit.db")


class Base(DeclarativeBase):
    pass


class User(Base):
    __tablename__ = "users"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]


class UserIn(BaseModel):
    name: str


# --8<-- [start:create]
async def create_user(session: AsyncSession, body: UserIn) -> None:
    user = User(**body.model_dump())
    session.add(user)
    await session.commit()


# --8<-- [end:create]


async def main() -> None:
    engine = create_async_engine(DATABASE_URL)
    try:
        async with engine.begin() as connection:
            await connection.run_sync(Base.metadata.drop_all)
            await connection.run_sync(Base.metadata.create_all)
        session_factory = async_sessionmaker(engine)
        async with session_factory() as session:
            await create_user(session, UserIn(name="Ada"))
    finally:
        await engine.dispose()


if __name__ == "__main__":
    asyncio.run(main())
