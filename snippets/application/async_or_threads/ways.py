# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0.22", "psycopg[binary]", "fastapi", "httpx", "uvicorn"]
# ///
# drivers: psycopg (it is the only one of the three that has a synchronous engine)
import asyncio
import os
import sys
import threading
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import httpx
import uvicorn
from fastapi import FastAPI
from sqlalchemy import create_engine, text
from sqlalchemy.ext.asyncio import AsyncSession, create_async_engine
from sqlalchemy.orm import Session
from sqlalchemy.pool import NullPool

DATABASE_URL = os.environ.get("DATABASE_URL") or sys.exit(
    "needs PostgreSQL: DATABASE_URL=postgresql+psycopg://user:password@localhost/test"
)

engine = create_engine(DATABASE_URL)
async_engine = create_async_engine(DATABASE_URL, poolclass=NullPool)
app = FastAPI()
begun = threading.Event()
SLOW = text("SELECT pg_sleep(1.5)")


# --8<-- [start:ways]
@app.get("/async-def-session")
async def async_def_session() -> None:
    with Session(engine) as session:
        begun.set()
        session.execute(SLOW)


@app.get("/def-session")
def def_session() -> None:
    with Session(engine) as session:
        begun.set()
        session.execute(SLOW)


@app.get("/thread")
async def thread() -> None:
    await asyncio.to_thread(def_session)


@app.get("/async-session")
async def async_session() -> None:
    async with AsyncSession(async_engine) as session:
        begun.set()
        await session.execute(SLOW)


@app.get("/run-sync")
async def run_sync() -> None:
    async with AsyncSession(async_engine) as session:
        begun.set()
        await session.run_sync(lambda sync_session: sync_session.execute(SLOW))


# --8<-- [end:ways]


@app.get("/ping")
async def ping() -> str:
    return "pong"


@asynccontextmanager
async def server_in_a_thread(app: FastAPI) -> AsyncIterator[httpx.AsyncClient]:
    """A client of a real server that has an event loop of its own."""
    server = uvicorn.Server(uvicorn.Config(app, port=0, lifespan="off", log_level="critical"))
    thread = threading.Thread(target=server.run)
    thread.start()
    try:
        while not server.started:
            await asyncio.sleep(0.01)
        port = server.servers[0].sockets[0].getsockname()[1]
        async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", timeout=60) as client:
            yield client
    finally:
        server.should_exit = True
        await asyncio.to_thread(thread.join)


async def others_answered(client: httpx.AsyncClient, path: str) -> str:
    begun.clear()
    slow = asyncio.create_task(client.get(path))
    await asyncio.to_thread(begun.wait)
    pongs = 0
    while not slow.done():
        await client.get("/ping")
        pongs += not slow.done()
    return "yes" if pongs > 2 else "no"


async def main() -> None:
    try:
        async with server_in_a_thread(app) as client:
            # --8<-- [start:table]
            print("endpoint | others are answered meanwhile")
            #> endpoint | others are answered meanwhile
            print("`async def`, `Session` |", await others_answered(client, "/async-def-session"))
            #> `async def`, `Session` | no
            print("`def`, `Session` |", await others_answered(client, "/def-session"))
            #> `def`, `Session` | yes
            print("`async def`, `asyncio.to_thread` |", await others_answered(client, "/thread"))
            #> `async def`, `asyncio.to_thread` | yes
            print("`async def`, `AsyncSession` |", await others_answered(client, "/async-session"))
            #> `async def`, `AsyncSession` | yes
            print("`async def`, `run_sync` |", await others_answered(client, "/run-sync"))
            #> `async def`, `run_sync` | yes
            # --8<-- [end:table]
    finally:
        engine.dispose()
        await async_engine.dispose()


if __name__ == "__main__":
    asyncio.run(main())
