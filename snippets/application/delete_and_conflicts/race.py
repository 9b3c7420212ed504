# /// script
# requires-python = ">=3.11"
# dependencies = [
#     "sqlalchemy[asyncio]>=2.0.22", "aiosqlite", "asyncpg", "psycopg[binary]", "fastapi>=0.121", "httpx", "uvicorn",
# ]
# ///
import asyncio
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Annotated, TypedDict

import httpx
import uvicorn
from fastapi import Depends, FastAPI, HTTPException, Request
from fastapi.requests import HTTPConnection
from fastapi.responses import JSONResponse
from pydantic import BaseModel
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

DATABASE_URL = os.environ.get("DATABASE_URL", "sqlite+aiosqlite:///greenlit.db")


class Base(DeclarativeBase):
    pass


class User(Base):
    __tablename__ = "users"

    id: Mapped[int] = mapped_column(primary_key=True)
    email: Mapped[str] = mapped_column(unique=True)


class UserCreate(BaseModel):
    email: str


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


async def get_session(connection: HTTPConnection) -> AsyncIterator[AsyncSession]:
    async with connection.state.session_factory() as session:
        yield session
        await session.commit()


SessionDep = Annotated[AsyncSession, Depends(get_session, scope="function")]


# --8<-- [start:handler]
DUPLICATE = {"23505", "SQLITE_CONSTRAINT_UNIQUE", "SQLITE_CONSTRAINT_PRIMARYKEY"}


@app.exception_handler(IntegrityError)
async def conflict(_: Request, error: IntegrityError) -> JSONResponse:
    code = getattr(error.orig, "sqlstate", None)
    code = code or getattr(error.orig, "sqlite_errorname", None)
    if code not in DUPLICATE:
        raise error
    return JSONResponse({"detail": "already exists"}, status_code=409)


# --8<-- [end:handler]


# --8<-- [start:endpoint]
@app.post("/users", status_code=201)
async def sign_up(new: UserCreate, session: SessionDep) -> int:
    if await session.scalar(select(User.id).where(User.email == new.email)):
        raise HTTPException(409, "already exists")
    await mail_server_knows(new.email)
    user = User(email=new.email)
    session.add(user)
    await session.flush()
    return user.id


# --8<-- [end:endpoint]


first_has_looked = asyncio.Event()
second_has_its_answer = asyncio.Event()


async def mail_server_knows(email: str) -> None:
    """What takes a moment: the first request is here until the second has its answer."""
    if not first_has_looked.is_set():
        first_has_looked.set()
        await second_has_its_answer.wait()


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
    ada = {"email": "ada@example.org"}
    async with serving(app) as client:
        # --8<-- [start:client]
        first = asyncio.create_task(client.post("/users", json=ada))
        await first_has_looked.wait()
        second = await client.post("/users", json=ada)
        second_has_its_answer.set()
        print(second.status_code, (await first).status_code)
        #> 201 409
        third = await client.post("/users", json=ada)
        print(third.status_code)
        #> 409
        # --8<-- [end:client]


if __name__ == "__main__":
    asyncio.run(main())
