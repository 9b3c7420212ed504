# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0.22", "psycopg[binary]", "fastapi", "httpx", "uvicorn"]
# ///
# drivers: psycopg (it is the only one of the three that has a synchronous engine)
# silent: one request stops all others, with no error
# raises: AssertionError
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
from sqlalchemy.orm import sessionmaker

DATABASE_URL = os.environ.get("DATABASE_URL") or sys.exit(
    "needs PostgreSQL: DATABASE_URL=postgresql+psycopg://user:password@localhost/test"
)

engine = create_engine(DATABASE_URL)
session_factory = sessionmaker(engine)
app = FastAPI()
begun = threading.Event()


# --8<-- [start:app]
@app.get("/report")
async def report() -> str:
    with session_factory() as session:
        begun.set()
        session.execute(text("SELECT pg_sleep(2)"))
    return "report"


@app.get("/ping")
async def ping() -> str:
    return "pong"


# --8<-- [end:app]


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


async def main() -> None:
    try:
        # --8<-- [start:ask]
        async with server_in_a_thread(app) as client:
            slow = asyncio.create_task(client.get("/report"))
            await asyncio.to_thread(begun.wait)
            pongs = 0
            while not slow.done():
                await client.get("/ping")
                pongs += not slow.done()
        print("others were answered meanwhile:", pongs > 2)
        #> others were answered meanwhile: False
        assert pongs > 2, "everybody waited for the report"
        # --8<-- [end:ask]
    finally:
        engine.dispose()


if __name__ == "__main__":
    asyncio.run(main())
