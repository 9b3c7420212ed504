# /// script
# requires-python = ">=3.11"
# dependencies = [
#     "sqlalchemy[asyncio]>=2.0.22", "aiosqlite", "asyncpg", "psycopg[binary]", "starlette>=0.40", "httpx", "uvicorn",
# ]
# ///
import asyncio
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import TypedDict

import httpx
import uvicorn
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

DATABASE_URL = os.environ.get("DATABASE_URL", "sqlite+aiosqlite:///greenlit.db")


class Base(DeclarativeBase):
    pass


class User(Base):
    __tablename__ = "users"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]


# --8<-- [start:lifespan]
class State(TypedDict):
    session_factory: async_sessionmaker[AsyncSession]


@asynccontextmanager
async def lifespan(app: Starlette) -> AsyncIterator[State]:
    engine = create_async_engine(DATABASE_URL)
    try:
        session_factory = async_sessionmaker(
            engine, expire_on_commit=False, close_resets_only=False
        )
        yield {"session_factory": session_factory}
    finally:
        await engine.dispose()


# --8<-- [end:lifespan]


# --8<-- [start:endpoints]
async def create_user(request: Request) -> JSONResponse:
    async with request.state.session_factory() as session:
        user = User(name=request.query_params["name"])
        session.add(user)
        await session.commit()
    return JSONResponse({"id": user.id, "name": user.name}, status_code=201)


async def read_user(request: Request) -> JSONResponse:
    async with request.state.session_factory() as session:
        user = await session.get(User, request.path_params["user_id"])
        if user is None:
            raise HTTPException(404)
    return JSONResponse({"id": user.id, "name": user.name})


# --8<-- [end:endpoints]


# --8<-- [start:app]
app = Starlette(
    routes=[
        Route("/users", create_user, methods=["POST"]),
        Route("/users/{user_id:int}", read_user),
    ],
    lifespan=lifespan,
)
# --8<-- [end:app]


async def create_tables(database_url: str) -> None:
    """What your migrations do before the application starts."""
    engine = create_async_engine(database_url)
    async with engine.begin() as connection:
        await connection.run_sync(Base.metadata.drop_all)
        await connection.run_sync(Base.metadata.create_all)
    await engine.dispose()


@asynccontextmanager
async def serving(app: Starlette) -> AsyncIterator[httpx.AsyncClient]:
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
    async with serving(app) as client:
        created = await client.post("/users?name=Ada")
        print(created.status_code, created.text)
        #> 201 {"id":1,"name":"Ada"}
        for path in "/users/1", "/users/2":
            read = await client.get(path)
            print(read.status_code, read.text)
            #> 200 {"id":1,"name":"Ada"}
            #> 404 Not Found
    # --8<-- [end:client]


if __name__ == "__main__":
    asyncio.run(main())
