# /// script
# requires-python = ">=3.11"
# dependencies = [
#     "sqlalchemy[asyncio]>=2.0.22", "aiosqlite", "asyncpg", "psycopg[binary]", "fastapi", "httpx", "uvicorn",
# ]
# ///
# raises: sqlalchemy.exc.TimeoutError
import asyncio
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Annotated

import httpx
import uvicorn
from fastapi import Depends, FastAPI
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column
from starlette.responses import StreamingResponse
from starlette.types import Receive, Scope, Send

DATABASE_URL = os.environ.get("DATABASE_URL", "sqlite+aiosqlite:///greenlit.db")


class Base(DeclarativeBase):
    pass


class User(Base):
    __tablename__ = "users"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]


# --8<-- [start:engine]
engine = create_async_engine(
    DATABASE_URL,
    pool_size=1,
    max_overflow=0,
    pool_timeout=0.5,
)
# --8<-- [end:engine]
session_factory = async_sessionmaker(engine, expire_on_commit=False)
app = FastAPI()


# --8<-- [start:dependency]
async def get_session() -> AsyncIterator[AsyncSession]:
    async with session_factory() as session:
        yield session


# --8<-- [end:dependency]


# --8<-- [start:export]
@app.get("/users.txt")
async def export(
    session: Annotated[AsyncSession, Depends(get_session)],
) -> StreamingResponse:
    users = (await session.scalars(select(User).order_by(User.id))).all()

    async def lines() -> AsyncIterator[str]:
        for user in users:
            yield a_long_line_about(user)

    return StreamingResponse(lines())


# --8<-- [end:export]


def a_long_line_about(user: User) -> str:
    return user.name.ljust(1_000_000) + "\n"


@app.get("/users/{user_id}")
async def read_user(
    user_id: int, session: Annotated[AsyncSession, Depends(get_session)]
) -> dict[str, str]:
    return {"name": (await session.get_one(User, user_id)).name}


server_log: list[Exception] = []


async def watched(scope: Scope, receive: Receive, send: Send) -> None:
    """The application; what uvicorn would write to its log is kept in a list."""
    try:
        await app(scope, receive, send)
    except Exception as error:
        server_log.append(error)


@asynccontextmanager
async def serving() -> AsyncIterator[httpx.AsyncClient]:
    """A client of a real server on a free port."""
    server = uvicorn.Server(uvicorn.Config(watched, port=0, lifespan="off", log_level="critical"))
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
    try:
        async with engine.begin() as connection:
            await connection.run_sync(Base.metadata.drop_all)
            await connection.run_sync(Base.metadata.create_all)
        async with session_factory.begin() as session:
            session.add_all([User(name=f"user {number}") for number in range(20)])
        # --8<-- [start:ask]
        async with serving() as client, client.stream("GET", "/users.txt") as download:
            chunks = download.aiter_raw()
            await anext(chunks)
            # The client has the beginning and takes its time. Somebody else asks meanwhile.
            other = await client.get("/users/1")
            async for _ in chunks:
                pass
        print(f"download {download.status_code}, the other request {other.status_code}")
        #> download 200, the other request 500
        for error in server_log:
            raise error
        # --8<-- [end:ask]
    finally:
        await engine.dispose()


if __name__ == "__main__":
    asyncio.run(main())
