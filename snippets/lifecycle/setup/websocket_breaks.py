# /// script
# requires-python = ">=3.11"
# dependencies = [
#     "sqlalchemy[asyncio]>=2.0", "aiosqlite", "asyncpg", "psycopg[binary]", "fastapi>=0.121",
# ]
# ///
# raises: TypeError
import asyncio
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Annotated, TypedDict

from fastapi import Depends, FastAPI, Request, WebSocket
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker, create_async_engine
from starlette.types import Message

DATABASE_URL = os.environ.get("DATABASE_URL", "sqlite+aiosqlite:///greenlit.db")


class State(TypedDict):
    session_factory: async_sessionmaker[AsyncSession]


@asynccontextmanager
async def lifespan(app: FastAPI) -> AsyncIterator[State]:
    engine = create_async_engine(DATABASE_URL)
    try:
        yield {"session_factory": async_sessionmaker(engine, expire_on_commit=False)}
    finally:
        await engine.dispose()


app = FastAPI(lifespan=lifespan)


# --8<-- [start:dependency]
async def get_session(request: Request) -> AsyncIterator[AsyncSession]:
    async with request.state.session_factory() as session:
        yield session
        await session.commit()


SessionDep = Annotated[AsyncSession, Depends(get_session, scope="function")]


# --8<-- [end:dependency]
# --8<-- [start:endpoint]
@app.websocket("/answer")
async def answer(websocket: WebSocket, session: SessionDep) -> None:
    await websocket.accept()
    await websocket.send_json(await session.scalar(text("SELECT 42")))
    await websocket.close()


# --8<-- [end:endpoint]


async def talk(path: str) -> list[Message]:
    """What a client without a network gets from a WebSocket of the application."""
    answers: list[Message] = []

    async def receive() -> Message:
        return {"type": "websocket.connect"}

    async def send(message: Message) -> None:
        answers.append(message)

    async with app.router.lifespan_context(app) as state:
        scope = {"type": "websocket", "path": path, "headers": [], "query_string": b""}
        await app({**scope, "state": dict(state or {})}, receive, send)
    return answers


async def main() -> None:
    # --8<-- [start:client]
    for message in await talk("/answer"):
        print(message["type"], message.get("text"))
    # --8<-- [end:client]


if __name__ == "__main__":
    asyncio.run(main())
