# /// script
# requires-python = ">=3.11"
# dependencies = [
#     "sqlalchemy[asyncio]>=2.0", "aiosqlite", "asyncpg", "psycopg[binary]", "fastapi", "httpx", "uvicorn",
# ]
# ///
# also: fastapi==0.106.*
import asyncio
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Annotated

import httpx
import uvicorn
from fastapi import BackgroundTasks, Depends, FastAPI
from pydantic import BaseModel, model_validator
from sqlalchemy import event
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column
from starlette.types import Message, Receive, Scope, Send

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
timeline: list[str] = []
client_has_its_answer = asyncio.Event()


class UserOut(BaseModel):
    id: int
    name: str

    @model_validator(mode="before")
    @classmethod
    def say_so(cls, user: object) -> object:
        timeline.append("response_model reads")
        return user


@event.listens_for(engine.sync_engine, "commit")
def on_commit(connection: object) -> None:
    timeline.append("COMMIT")


async def background_task() -> None:
    timeline.append("background task")


# --8<-- [start:dependency]
async def get_session() -> AsyncIterator[AsyncSession]:
    async with session_factory() as session:
        yield session
        await session.commit()
    timeline.append("session is closed")


# --8<-- [end:dependency]


# --8<-- [start:endpoint]
@app.post("/users", response_model=UserOut, status_code=201)
async def create_user(
    session: Annotated[AsyncSession, Depends(get_session)],
    background: BackgroundTasks,
) -> User:
    user = User(name="Ada")
    session.add(user)
    await session.flush()
    background.add_task(background_task)
    timeline.append("endpoint returns")
    return user


# --8<-- [end:endpoint]


async def watched(scope: Scope, receive: Receive, send: Send) -> None:
    """The application, with a note of each message that it sends."""

    async def watched_send(message: Message) -> None:
        timeline.append(message["type"].removeprefix("http.").replace(".", " "))
        await send(message)
        if message["type"] == "http.response.body":
            # Otherwise the client would take note of its answer at a different place in each run.
            await asyncio.wait_for(client_has_its_answer.wait(), timeout=10)

    await app(scope, receive, watched_send)


@asynccontextmanager
async def serving() -> AsyncIterator[str]:
    """A real server on a free port."""
    server = uvicorn.Server(uvicorn.Config(watched, port=0, lifespan="off", log_level="critical"))
    task = asyncio.create_task(server.serve())
    try:
        while not server.started:
            await asyncio.sleep(0.01)
        yield f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    finally:
        server.should_exit = True
        await task


async def main() -> None:
    try:
        async with engine.begin() as connection:
            await connection.run_sync(Base.metadata.drop_all)
            await connection.run_sync(Base.metadata.create_all)
        timeline.clear()
        async with serving() as base_url, httpx.AsyncClient(base_url=base_url) as client:
            response = await client.post("/users")
            timeline.append(f"client has {response.status_code}")
            client_has_its_answer.set()
        # --8<-- [start:timeline]
        for what in timeline:
            print(what)
            #> endpoint returns
            #> response_model reads
            #> response start
            #> response body
            #> client has 201
            #> background task
            #> COMMIT
            #> session is closed
        # --8<-- [end:timeline]
    finally:
        await engine.dispose()


if __name__ == "__main__":
    asyncio.run(main())
