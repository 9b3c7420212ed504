# /// script
# requires-python = ">=3.11"
# dependencies = [
#     "sqlalchemy[asyncio]>=2.0.38", "aiosqlite", "asyncpg", "psycopg[binary]", "fastapi>=0.121", "httpx", "uvicorn",
# ]
# ///
# silent: three replicas that do their work are taken out of service at once
# unrecorded: three servers at once, and the order in which their connections come and go
import asyncio
import os
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from typing import TypedDict

import httpx
import uvicorn
from fastapi import FastAPI
from fastapi.requests import HTTPConnection
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

DATABASE_URL = os.environ.get("DATABASE_URL", "sqlite+aiosqlite:///greenlit.db")


class State(TypedDict):
    engine: AsyncEngine
    ready_engine: AsyncEngine


class Work:
    """Requests that hold their connections until the test has asked."""

    def __init__(self) -> None:
        self.begun = 0
        self.go_on = asyncio.Event()


work = Work()


# --8<-- [start:lifespan]
@asynccontextmanager
async def lifespan(app: FastAPI) -> AsyncIterator[State]:
    engine = create_async_engine(DATABASE_URL, pool_size=2, max_overflow=0)
    ready_engine = create_async_engine(DATABASE_URL, pool_size=1, max_overflow=0)
    try:
        yield {"engine": engine, "ready_engine": ready_engine}
    finally:
        await engine.dispose()
        await ready_engine.dispose()


# --8<-- [end:lifespan]


# --8<-- [start:endpoints]
async def live() -> str:
    return "alive"


async def ready(connection: HTTPConnection) -> str:
    async with connection.state.engine.connect() as database:
        await database.execute(text("SELECT 1"))
    return "ready"


# --8<-- [end:endpoints]


async def report(connection: HTTPConnection) -> str:
    async with connection.state.engine.connect() as database:
        await database.execute(text("SELECT 1"))
        work.begun += 1
        await work.go_on.wait()
    return "report"


def make_app() -> FastAPI:
    app = FastAPI(lifespan=lifespan)
    app.get("/live")(live)
    app.get("/ready")(ready)
    app.get("/report")(report)
    return app


@asynccontextmanager
async def serving(app: FastAPI) -> AsyncIterator[httpx.AsyncClient]:
    """A client of a real server on a free port."""
    server = uvicorn.Server(uvicorn.Config(app, port=0, log_level="critical"))
    task = asyncio.create_task(server.serve())
    try:
        while not server.started:
            await asyncio.sleep(0.01)
        port = server.servers[0].sockets[0].getsockname()[1]
        async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", timeout=60) as client:
            yield client
    finally:
        server.should_exit = True
        await task


# --8<-- [start:one]
async def probe(replica: httpx.AsyncClient, path: str) -> bool:
    try:
        # A full pool answers after its 30 seconds or when the reports end. Otherwise it is a matter of milliseconds.
        return (await replica.get(path, timeout=5)).status_code == 200
    except httpx.ReadTimeout:
        return False


# --8<-- [end:one]


async def main() -> None:
    async with AsyncExitStack() as stack:
        # --8<-- [start:load]
        replicas = [await stack.enter_async_context(serving(make_app())) for _ in range(3)]
        reports = [asyncio.create_task(one.get("/report")) for one in replicas for _ in range(2)]
        while work.begun < 6:
            await asyncio.sleep(0.01)
        # --8<-- [end:load]
        # --8<-- [start:probe]
        for path in "/live", "/ready":
            in_service = await asyncio.gather(*(probe(replica, path) for replica in replicas))
            print(f"{path}: {sum(in_service)} of 3 replicas")
            #> /live: 3 of 3 replicas
            #> /ready: 0 of 3 replicas
        # --8<-- [end:probe]
        work.go_on.set()
        answers = await asyncio.gather(*reports)
        # --8<-- [start:reports]
        print("reports that were answered:", sum(answer.status_code == 200 for answer in answers))
        #> reports that were answered: 6
        # --8<-- [end:reports]


if __name__ == "__main__":
    asyncio.run(main())
