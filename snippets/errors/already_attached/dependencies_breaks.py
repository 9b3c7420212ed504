# /// script
# requires-python = ">=3.11"
# dependencies = [
#     "sqlalchemy[asyncio]>=2.0.22", "aiosqlite", "asyncpg", "psycopg[binary]",
#     "fastapi", "httpx",
# ]
# ///
# raises: sqlalchemy.exc.InvalidRequestError
import asyncio
import os
from collections.abc import AsyncIterator
from typing import Annotated

import httpx
from fastapi import Depends, FastAPI
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

DATABASE_URL = os.environ.get("DATABASE_URL", "sqlite+aiosqlite:///greenlit.db")


class Base(DeclarativeBase):
    pass


class User(Base):
    __tablename__ = "users"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]


engine = create_async_engine(DATABASE_URL)
session_factory = async_sessionmaker(engine)
app = FastAPI()


# --8<-- [start:dependencies]
async def get_session() -> AsyncIterator[AsyncSession]:
    async with session_factory() as session:
        yield session


SessionDep = Annotated[AsyncSession, Depends(get_session)]


async def current_user() -> AsyncIterator[User]:
    async with session_factory() as session:
        yield await session.get_one(User, 1)


@app.patch("/me", status_code=204)
async def rename(
    name: str, user: Annotated[User, Depends(current_user)], session: SessionDep
) -> None:
    user.name = name
    session.add(user)
    await session.commit()


# --8<-- [end:dependencies]


# --8<-- [start:ask]
async def ask() -> None:
    transport = httpx.ASGITransport(app=app)
    async with httpx.AsyncClient(transport=transport, base_url="http://app") as client:
        response = await client.patch("/me?name=Grace")
        print(response.status_code)


# --8<-- [end:ask]


async def main() -> None:
    try:
        async with engine.begin() as connection:
            await connection.run_sync(Base.metadata.drop_all)
            await connection.run_sync(Base.metadata.create_all)
        async with session_factory.begin() as session:
            session.add(User(id=1, name="Ada"))
        await ask()
    finally:
        await engine.dispose()


if __name__ == "__main__":
    asyncio.run(main())
