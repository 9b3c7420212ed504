# /// script
# requires-python = ">=3.11"
# dependencies = [
#     "sqlalchemy[asyncio]>=2.0.22", "aiosqlite", "asyncpg", "psycopg[binary]", "fastapi>=0.121", "httpx", "uvicorn",
# ]
# ///
import asyncio
import hashlib
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Annotated, TypedDict

import httpx
import uvicorn
from fastapi import Depends, FastAPI, HTTPException
from fastapi.requests import HTTPConnection
from pydantic import BaseModel, Field
from sqlalchemy import String
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

DATABASE_URL = os.environ.get("DATABASE_URL", "sqlite+aiosqlite:///greenlit.db")


# --8<-- [start:model]
class Base(DeclarativeBase):
    pass


class User(Base):
    __tablename__ = "users"

    id: Mapped[int] = mapped_column(primary_key=True)
    email: Mapped[str] = mapped_column(String(254), unique=True)
    name: Mapped[str] = mapped_column(String(50))
    hashed_password: Mapped[str]


# --8<-- [end:model]


# --8<-- [start:schemas]
class UserCreate(BaseModel):
    email: str = Field(max_length=254)
    name: str = Field(max_length=50)
    password: str = Field(min_length=12, max_length=128)


class UserOut(BaseModel):
    id: int
    email: str
    name: str


# --8<-- [end:schemas]


class State(TypedDict):
    session_factory: async_sessionmaker[AsyncSession]


@asynccontextmanager
async def lifespan(app: FastAPI) -> AsyncIterator[State]:
    engine = create_async_engine(DATABASE_URL)
    try:
        session_factory = async_sessionmaker(
            engine, expire_on_commit=False, close_resets_only=False
        )
        yield {"session_factory": session_factory}
    finally:
        await engine.dispose()


app = FastAPI(lifespan=lifespan)


# --8<-- [start:dependency]
async def get_session(connection: HTTPConnection) -> AsyncIterator[AsyncSession]:
    async with connection.state.session_factory() as session:
        yield session
        await session.commit()


SessionDep = Annotated[AsyncSession, Depends(get_session, scope="function")]
# --8<-- [end:dependency]


def hash_password(password: str) -> str:
    salt = os.urandom(16)
    key = hashlib.scrypt(password.encode(), salt=salt, n=2**14, r=8, p=1)
    return f"scrypt:{salt.hex()}:{key.hex()}"


# --8<-- [start:endpoints]
@app.post("/users", response_model=UserOut, status_code=201)
async def create_user(new: UserCreate, session: SessionDep) -> User:
    hashed = await asyncio.to_thread(hash_password, new.password)
    user = User(**new.model_dump(exclude={"password"}), hashed_password=hashed)
    session.add(user)
    await session.flush()
    return user


@app.get("/users/{user_id}", response_model=UserOut)
async def read_user(user_id: int, session: SessionDep) -> User:
    user = await session.get(User, user_id)
    if user is None:
        raise HTTPException(404, "no such user")
    return user


# --8<-- [end:endpoints]


async def create_tables(database_url: str) -> None:
    """What your migrations do before the application starts."""
    engine = create_async_engine(database_url)
    async with engine.begin() as connection:
        await connection.run_sync(Base.metadata.drop_all)
        await connection.run_sync(Base.metadata.create_all)
    await engine.dispose()


@asynccontextmanager
async def serving(app: FastAPI) -> AsyncIterator[httpx.AsyncClient]:
    """A client of a real server on a free port."""
    server = uvicorn.Server(uvicorn.Config(app, port=0, log_level="critical"))
    task = asyncio.create_task(server.serve())
    try:
        while not server.started:
            await asyncio.sleep(0.01)
        port = server.servers[0].sockets[0].getsockname()[1]
        async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}") as client:
            yield client
    finally:
        server.should_exit = True
        await task


async def main() -> None:
    await create_tables(DATABASE_URL)
    # --8<-- [start:client]
    ada = {"email": "ada@example.org", "name": "Ada", "password": "correct horse"}
    async with serving(app) as client:
        created = await client.post("/users", json=ada)
        print(created.status_code, sorted(created.json()))
        #> 201 ['email', 'id', 'name']
        read = await client.get("/users/1")
        print(read.status_code, read.json() == created.json())
        #> 200 True
        missing = await client.get("/users/2")
        print(missing.status_code, missing.text)
        #> 404 {"detail":"no such user"}
        short = await client.post("/users", json=ada | {"password": "horse"})
        print(short.status_code, short.json()["detail"][0]["msg"])
        #> 422 String should have at least 12 characters
    # --8<-- [end:client]


if __name__ == "__main__":
    asyncio.run(main())
