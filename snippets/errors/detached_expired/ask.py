# /// script
# requires-python = ">=3.11"
# dependencies = [
#     "sqlalchemy[asyncio]>=2.0", "aiosqlite", "asyncpg", "psycopg[binary]",
#     "fastapi", "httpx",
# ]
# ///
import asyncio
import os

import httpx
from fastapi import FastAPI
from pydantic import BaseModel
from sqlalchemy.ext.asyncio import async_sessionmaker, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

DATABASE_URL = os.environ.get("DATABASE_URL", "sqlite+aiosqlite:///greenlit.db")


class Base(DeclarativeBase):
    pass


class User(Base):
    __tablename__ = "users"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]


class UserOut(BaseModel):
    id: int
    name: str


engine = create_async_engine(DATABASE_URL)
# --8<-- [start:factory]
session_factory = async_sessionmaker(engine, expire_on_commit=False)
# --8<-- [end:factory]
app = FastAPI()


# --8<-- [start:endpoint]
async def sign_up(name: str) -> User:
    async with session_factory() as session:
        user = User(name=name)
        session.add(user)
        await session.commit()
    return user


@app.post("/users", status_code=201, response_model=UserOut)
async def create_user(name: str) -> User:
    return await sign_up(name)


# --8<-- [end:endpoint]


# --8<-- [start:ask]
async def ask() -> None:
    transport = httpx.ASGITransport(app=app)
    async with httpx.AsyncClient(transport=transport, base_url="http://app") as client:
        response = await client.post("/users?name=Ada")
        print(response.status_code, response.text)
        #> 201 {"id":1,"name":"Ada"}


# --8<-- [end:ask]


async def main() -> None:
    try:
        async with engine.begin() as connection:
            await connection.run_sync(Base.metadata.drop_all)
            await connection.run_sync(Base.metadata.create_all)
        await ask()
    finally:
        await engine.dispose()


if __name__ == "__main__":
    asyncio.run(main())
