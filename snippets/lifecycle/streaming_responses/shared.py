# /// script
# requires-python = ">=3.11"
# dependencies = [
#     "sqlalchemy[asyncio]>=2.0.22", "aiosqlite", "asyncpg", "psycopg[binary]", "fastapi>=0.135", "httpx", "uvicorn",
# ]
# ///
# unrecorded: the stream runs beside the end of the dependency, and which comes first varies
import asyncio
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Annotated

import httpx
import uvicorn
from fastapi import Depends, FastAPI
from fastapi.sse import EventSourceResponse
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


class Order(Base):
    __tablename__ = "orders"

    id: Mapped[int] = mapped_column(primary_key=True)
    state: Mapped[str]


engine = create_async_engine(DATABASE_URL)
session_factory = async_sessionmaker(engine, expire_on_commit=False)
app = FastAPI()


async def get_session() -> AsyncIterator[AsyncSession]:
    async with session_factory() as session:
        yield session
        await session.commit()


# --8<-- [start:dependency]
SessionDep = Annotated[AsyncSession, Depends(get_session, scope="function")]


async def current_user(session: SessionDep) -> User:
    return await session.get_one(User, 1)


# --8<-- [end:dependency]


# --8<-- [start:events]
@app.get("/orders/{order_id}/events", response_class=EventSourceResponse)
async def order_events(
    order_id: int, user: Annotated[User, Depends(current_user)]
) -> AsyncIterator[str]:
    async with session_factory() as session:
        state = (await session.get_one(Order, order_id)).state
    yield f"{user.name}, your order is {state}"


# --8<-- [end:events]

server_log: list[Exception] = []


async def watched(scope: Scope, receive: Receive, send: Send) -> None:
    """The application; what uvicorn would write to its log is kept in a list."""
    try:
        await app(scope, receive, send)
    except ExceptionGroup as group:  # FastAPI runs a stream of events in a task group.
        server_log.extend(group.exceptions)


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
            session.add_all([User(id=1, name="Ada"), Order(id=1, state="paid")])
        # --8<-- [start:ask]
        async with serving() as client:
            response = await client.get("/orders/1/events")
        print(response.status_code, response.text.strip())
        #> 200 data: "Ada, your order is paid"
        for error in server_log:
            raise error
        # --8<-- [end:ask]
    finally:
        await engine.dispose()


if __name__ == "__main__":
    asyncio.run(main())
