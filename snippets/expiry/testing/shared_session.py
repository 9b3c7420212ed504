# /// script
# requires-python = ">=3.11"
# dependencies = [
#     "sqlalchemy[asyncio]>=2.0", "fastapi", "httpx", "aiosqlite", "asyncpg", "psycopg[binary]",
# ]
# ///
import asyncio
import os
from collections.abc import AsyncIterator
from typing import Annotated

import httpx
from fastapi import Depends, FastAPI, Request
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

DATABASE_URL = os.environ.get("DATABASE_URL", "sqlite+aiosqlite:///greenlit.db")


class Base(DeclarativeBase):
    pass


class User(Base):
    __tablename__ = "users"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]


app = FastAPI()


async def get_session(request: Request) -> AsyncIterator[AsyncSession]:
    async with request.app.state.session_factory() as session:
        yield session


@app.post("/users", status_code=201)
async def create_user(
    name: str, session: Annotated[AsyncSession, Depends(get_session)]
) -> dict[str, int]:
    user = User(name=name)
    session.add(user)
    await session.flush()  # Somebody forgot the commit.
    return {"id": user.id}


# --8<-- [start:test]
async def test_create_user(session_factory: async_sessionmaker[AsyncSession]) -> None:
    app.state.session_factory = session_factory
    transport = httpx.ASGITransport(app)
    async with (
        session_factory() as session,
        httpx.AsyncClient(transport=transport, base_url="http://test") as client,
    ):
        response = await client.post("/users", params={"name": "Ada"})
        found = await session.scalar(select(User.name))
        print(f"status {response.status_code}, the test finds {found}")
        #> status 201, the test finds None


# --8<-- [end:test]


async def main() -> None:
    engine = create_async_engine(DATABASE_URL)
    try:
        async with engine.begin() as connection:
            await connection.run_sync(Base.metadata.drop_all)
            await connection.run_sync(Base.metadata.create_all)
        session_factory = async_sessionmaker(engine)
        await test_create_user(session_factory)
        async with session_factory() as session:
            print("rows:", await session.scalar(select(func.count(User.id))))
            #> rows: 0
    finally:
        await engine.dispose()


if __name__ == "__main__":
    asyncio.run(main())
