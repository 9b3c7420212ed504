# /// script
# requires-python = ">=3.11"
# dependencies = [
#     "sqlalchemy[asyncio]>=2.0.22", "aiosqlite", "asyncpg", "psycopg[binary]", "starlette>=0.40", "httpx", "uvicorn",
# ]
# ///
# raises: AssertionError
# silent: the second client is told 201, and its user is not stored
# unrecorded: the first commit comes after its response, while the second request runs
import asyncio
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import TypedDict

import httpx
import uvicorn
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route
from starlette.types import ASGIApp, Receive, Scope, Send

DATABASE_URL = os.environ.get("DATABASE_URL", "sqlite+aiosqlite:///greenlit.db")


class Base(DeclarativeBase):
    pass


class User(Base):
    __tablename__ = "users"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(unique=True)


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


# --8<-- [start:middleware]
class SessionMiddleware:
    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        async with scope["state"]["session_factory"]() as session:
            scope["state"]["session"] = session
            await self.app(scope, receive, send)
            await session.commit()


# --8<-- [end:middleware]


# --8<-- [start:endpoint]
async def create_user(request: Request) -> JSONResponse:
    session: AsyncSession = request.state.session
    session.add(User(name=request.query_params["name"]))
    return JSONResponse({}, status_code=201)


app = Starlette(
    routes=[Route("/users", create_user, methods=["POST"])],
    middleware=[Middleware(SessionMiddleware)],
    lifespan=lifespan,
)
# --8<-- [end:endpoint]


async def count_users(database_url: str) -> int:
    engine = create_async_engine(database_url)
    async with AsyncSession(engine) as session:
        users = await session.scalar(select(func.count()).select_from(User)) or 0
    await engine.dispose()
    return users


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
        first = await client.post("/users?name=Ada")
        second = await client.post("/users?name=Ada")
    stored = await count_users(DATABASE_URL)
    print(f"{first.status_code}, {second.status_code}, {stored} user")
    #> 201, 201, 1 user
    created = [response for response in (first, second) if response.status_code == 201]
    assert len(created) == stored, "a client was told 201, and its user is not stored"
    # --8<-- [end:client]


if __name__ == "__main__":
    asyncio.run(main())
