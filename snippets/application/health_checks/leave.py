# /// script
# requires-python = ">=3.11"
# dependencies = [
#     "sqlalchemy[asyncio]>=2.0.38", "aiosqlite", "asyncpg", "psycopg[binary]", "fastapi>=0.121", "httpx", "uvicorn",
# ]
# ///
# unrecorded: how often the database is asked depends on the time
import asyncio
import logging
import os
import signal
import threading
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import TypedDict

import httpx
import uvicorn
from fastapi import FastAPI, HTTPException
from fastapi.requests import HTTPConnection
from sqlalchemy import URL, text
from sqlalchemy.ext.asyncio import create_async_engine

DATABASE_URL = os.environ.get("DATABASE_URL", "sqlite+aiosqlite:///greenlit.db")


# --8<-- [start:readiness]
log = logging.getLogger("shop.readiness")


class Readiness:
    """Asks the database over one connection of its own, and shares the answer among all probes."""

    def __init__(self, url: str | URL, within: float = 0.8, valid: float = 2) -> None:
        self.engine = create_async_engine(url, pool_size=1, max_overflow=0, pool_pre_ping=True)
        self.within, self.valid = within, valid
        self.is_leaving = False
        self.asked_at = 0.0
        self.asking: asyncio.Task[bool] | None = None

    async def ask(self) -> bool:
        try:
            async with self.engine.connect() as connection:
                await connection.execute(text("SELECT 1"))
        except Exception as error:
            log.warning("not ready: %s", error)
            return False
        return True

    async def is_ready(self) -> bool:
        if self.is_leaving:
            return False
        if self.asking is None or time.monotonic() > self.asked_at + self.valid:
            if self.asking:
                self.asking.cancel()  # and do not wait for it
            self.asking, self.asked_at = asyncio.create_task(self.ask()), time.monotonic()
        asking = self.asking
        await asyncio.wait([asking], timeout=self.within)
        return asking.done() and not asking.cancelled() and asking.result()


# --8<-- [end:readiness]


class State(TypedDict):
    readiness: Readiness


# --8<-- [start:lifespan]
def leave(readiness: Readiness) -> None:
    readiness.is_leaving = True


@asynccontextmanager
async def lifespan(app: FastAPI) -> AsyncIterator[State]:
    readiness = Readiness(DATABASE_URL)
    if threading.current_thread() is threading.main_thread():  # A TestClient has a thread of its own.
        asyncio.get_running_loop().add_signal_handler(signal.SIGUSR1, leave, readiness)
    try:
        yield {"readiness": readiness}
    finally:
        await readiness.engine.dispose()


app = FastAPI(lifespan=lifespan)


@app.get("/ready")
async def ready(connection: HTTPConnection) -> str:
    if not await connection.state.readiness.is_ready():
        raise HTTPException(503)
    return "ready"


# --8<-- [end:lifespan]


@app.get("/orders")
async def list_orders() -> list[str]:
    return ["order 1"]


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


async def main() -> None:
    async with serving(app) as client:
        while (await client.get("/ready")).status_code != 200:  # On a busy machine, the first answer may be late.
            await asyncio.sleep(0.01)
        # --8<-- [start:ask]
        print("/ready:", (await client.get("/ready")).status_code)
        #> /ready: 200
        os.kill(os.getpid(), signal.SIGUSR1)
        while (await client.get("/ready")).status_code == 200:
            await asyncio.sleep(0.01)
        print("/ready:", (await client.get("/ready")).status_code)
        #> /ready: 503
        print("/orders:", (await client.get("/orders")).status_code)
        #> /orders: 200
        # --8<-- [end:ask]


if __name__ == "__main__":
    asyncio.run(main())
