# /// script
# requires-python = ">=3.11"
# dependencies = [
#     "sqlalchemy[asyncio]>=2.0", "aiosqlite", "asyncpg", "psycopg[binary]", "fastapi>=0.121", "httpx", "uvicorn",
# ]
# ///
# silent: the client has its 200 and all rows, and the connection is never returned
# leaks: the closed session begins again in the generator, and nobody closes it a second time
# raises: AssertionError
import asyncio
import gc
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


engine = create_async_engine(DATABASE_URL)
session_factory = async_sessionmaker(engine, expire_on_commit=False)
app = FastAPI()


async def get_session() -> AsyncIterator[AsyncSession]:
    async with session_factory() as session:
        yield session


# --8<-- [start:export]
@app.get("/users.txt")
async def export(
    session: Annotated[AsyncSession, Depends(get_session, scope="function")],
) -> StreamingResponse:
    async def lines() -> AsyncIterator[str]:
        everybody = select(User).order_by(User.id).execution_options(yield_per=100)
        async for user in await session.stream_scalars(everybody):
            yield f"{user.name}\n"

    return StreamingResponse(lines())


# --8<-- [end:export]


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
    gc.disable()  # Of itself, it would collect at another moment in each run.
    try:
        async with engine.begin() as connection:
            await connection.run_sync(Base.metadata.drop_all)
            await connection.run_sync(Base.metadata.create_all)
        async with session_factory.begin() as session:
            session.add_all([User(name=f"user {number}") for number in range(3)])
        # --8<-- [start:ask]
        async with serving() as client:
            response = await client.get("/users.txt")
        print(response.status_code, response.text.splitlines())
        #> 200 ['user 0', 'user 1', 'user 2']
        held = engine.sync_engine.pool.checkedout()  # type: ignore[attr-defined]
        print(f"connections held: {held}")
        #> connections held: 1
        # --8<-- [end:ask]
        gc.collect()
        await asyncio.sleep(0.2)  # The lost connection is closed in the background.
        assert held == 0, "nobody will return this connection"
    finally:
        gc.enable()
        await engine.dispose()


if __name__ == "__main__":
    asyncio.run(main())
