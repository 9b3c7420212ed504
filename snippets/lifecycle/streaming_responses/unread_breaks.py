# /// script
# requires-python = ">=3.11"
# dependencies = [
#     "sqlalchemy[asyncio]>=2.0", "aiosqlite", "asyncpg", "psycopg[binary]", "fastapi>=0.134", "httpx", "uvicorn",
# ]
# ///
# silent: the client has gone, the request is over, and its connection is not returned
# leaks: the generator stands at its `yield`, and nobody closes it
# raises: AssertionError
# unrecorded: what the garbage collector does to the connection varies
import asyncio
import gc
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import httpx
import uvicorn
from fastapi import FastAPI
from fastapi.responses import StreamingResponse
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column
from starlette.types import Receive, Scope, Send

DATABASE_URL = os.environ.get("DATABASE_URL", "sqlite+aiosqlite:///greenlit.db")


class Base(DeclarativeBase):
    pass


class User(Base):
    __tablename__ = "users"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]


engine = create_async_engine(DATABASE_URL)
session_factory = async_sessionmaker(engine, expire_on_commit=False)
app = FastAPI()


# --8<-- [start:export]
async def get_session() -> AsyncIterator[AsyncSession]:
    async with session_factory() as session:
        yield session


@app.get("/users.txt", response_class=StreamingResponse)
async def export() -> AsyncIterator[str]:
    async with session_factory() as session:
        for user in await session.scalars(select(User)):
            yield user.name.ljust(1_000_000)


# --8<-- [end:export]

over = asyncio.Event()


async def watched(scope: Scope, receive: Receive, send: Send) -> None:
    """The application; it says when a request is over."""
    await app(scope, receive, send)
    over.set()


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
    gc.disable()  # Of itself, it would collect at another moment in each run.
    try:
        async with engine.begin() as connection:
            await connection.run_sync(Base.metadata.drop_all)
            await connection.run_sync(Base.metadata.create_all)
        async with session_factory.begin() as session:
            session.add_all([User(name=f"user {number}") for number in range(50)])
        # --8<-- [start:ask]
        async with serving() as client:
            async with client.stream("GET", "/users.txt") as download:
                await anext(download.aiter_raw())
            # The client has read the beginning, and has hung up.
            await over.wait()
            held = engine.sync_engine.pool.checkedout()  # type: ignore[attr-defined]
        print(f"connections held: {held}")
        #> connections held: 1
        # --8<-- [end:ask]
        gc.collect()
        await asyncio.sleep(0.2)  # The lost connection is closed in the background.
        assert held == 0, "only the garbage collector will find this connection"
    finally:
        gc.enable()
        await engine.dispose()


if __name__ == "__main__":
    asyncio.run(main())
