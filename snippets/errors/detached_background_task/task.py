# /// script
# requires-python = ">=3.11"
# dependencies = [
#     "sqlalchemy[asyncio]>=2.0.22", "aiosqlite", "asyncpg", "psycopg[binary]",
#     "fastapi", "httpx",
# ]
# ///
import asyncio
import os

import httpx
from fastapi import BackgroundTasks, FastAPI
from sqlalchemy.ext.asyncio import async_sessionmaker, create_async_engine
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


# --8<-- [start:task]
async def send_welcome(user_id: int) -> None:
    async with session_factory() as session:
        user = await session.get_one(User, user_id)
    print(f"To: {user.name}")
    #> To: Ada


@app.post("/users", status_code=201)
async def create_user(name: str, background: BackgroundTasks) -> None:
    async with session_factory() as session:
        user = User(name=name)
        session.add(user)
        await session.flush()
        background.add_task(send_welcome, user.id)
        await session.commit()


# --8<-- [end:task]


# --8<-- [start:ask]
async def ask() -> None:
    transport = httpx.ASGITransport(app=app)
    async with httpx.AsyncClient(transport=transport, base_url="http://app") as client:
        response = await client.post("/users?name=Ada")
        print(response.status_code)
        #> 201


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
