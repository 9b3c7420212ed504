# /// script
# requires-python = ">=3.11"
# dependencies = [
#     "sqlalchemy[asyncio]>=2.0", "aiosqlite", "asyncpg", "psycopg[binary]", "fastapi>=0.121", "httpx",
# ]
# ///
import asyncio
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import TypedDict

import httpx
from fastapi import FastAPI, WebSocket
from sessions import CommittingSession, Database, open_database
from sqlalchemy import text
from sqlalchemy.exc import OperationalError
from starlette.types import Message, Receive, Scope, Send

DATABASE_URL = os.environ.get("DATABASE_URL", "sqlite+aiosqlite:///greenlit.db")


# --8<-- [start:lifespan]
class State(TypedDict):
    database: Database


@asynccontextmanager
async def lifespan(app: FastAPI) -> AsyncIterator[State]:
    async with open_database(
        DATABASE_URL, pool_size=10, max_overflow=0, pool_timeout=5, pool_pre_ping=True
    ) as database:
        yield {"database": database}


# --8<-- [end:lifespan]

app = FastAPI(lifespan=lifespan)


@app.get("/answer")
async def answer(session: CommittingSession) -> int:
    return await session.scalar(text("SELECT 42")) or 0


# --8<-- [start:websocket]
@app.websocket("/answer")
async def talk(websocket: WebSocket, session: CommittingSession) -> None:
    await websocket.accept()
    await websocket.send_json(await session.scalar(text("SELECT 42")))
    await websocket.close()


# --8<-- [end:websocket]


# --8<-- [start:client]
@asynccontextmanager
async def client_of(app: FastAPI) -> AsyncIterator[httpx.AsyncClient]:
    async with app.router.lifespan_context(app) as state:

        async def with_state(scope: Scope, receive: Receive, send: Send) -> None:
            await app({**scope, "state": dict(state or {})}, receive, send)

        transport = httpx.ASGITransport(with_state)
        async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
            yield client


async def test_the_answer() -> None:
    async with client_of(app) as client:
        assert (await client.get("/answer")).text == "42"


# --8<-- [end:client]


async def say_hello_to_the_websocket() -> list[Message]:
    heard: list[Message] = []

    async def receive() -> Message:
        return {"type": "websocket.connect"}

    async def send(message: Message) -> None:
        heard.append(message)

    async with app.router.lifespan_context(app) as state:
        scope = {"type": "websocket", "path": "/answer", "headers": [], "query_string": b""}
        await app({**scope, "state": dict(state or {})}, receive, send)
    return heard


async def never_answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await reader.read()
    writer.close()


async def what_comes_when_something_is_wrong() -> None:
    # --8<-- [start:wrong]
    refused = "postgresql+asyncpg://shop:hunter2@127.0.0.1:1/shop"
    no_folder = "sqlite+aiosqlite:///no_such_folder/shop.db"
    for url in refused, no_folder:
        try:
            async with open_database(url):
                print("never reached")
        except (ConnectionRefusedError, OperationalError) as error:
            print(type(error).__name__, error.__notes__)
            #> ConnectionRefusedError ['The database is 127.0.0.1:1/shop']
            #> OperationalError ['The database is no_such_folder/shop.db']
    # --8<-- [end:wrong]
    server = await asyncio.start_server(never_answer, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    # --8<-- [start:silent]
    silent = f"postgresql+asyncpg://shop:hunter2@127.0.0.1:{port}/shop"
    try:
        async with open_database(silent, check_within=0.2):
            print("never reached")
    except TimeoutError as error:
        print(str(error).replace(str(port), "5432"))
        #> no answer from 127.0.0.1:5432/shop within 0.2 seconds
    try:
        async with open_database(silent, connect_args={"timeout": 0.2}):
            print("never reached")
    except TimeoutError as error:
        text_of_it = str(error).replace(str(port), "5432")
        print(text_of_it.partition(" within")[0], [str(error.__cause__)])
        #> no answer from 127.0.0.1:5432/shop ['']
    # --8<-- [end:silent]
    await asyncio.gather(*asyncio.all_tasks() - {asyncio.current_task()}, return_exceptions=True)
    server.close()


async def main() -> None:
    await test_the_answer()
    heard = await say_hello_to_the_websocket()
    print([message.get("text") for message in heard])
    #> [None, '42', None]
    await what_comes_when_something_is_wrong()


if __name__ == "__main__":
    asyncio.run(main())
