# /// script
# requires-python = ">=3.11"
# dependencies = ["fastapi", "httpx", "uvicorn", "anyio"]
# ///
# drivers: aiosqlite (no database is involved)
import asyncio
import threading
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Annotated

import httpx
import uvicorn
from anyio.to_thread import current_default_thread_limiter
from fastapi import Depends, FastAPI


class Work:
    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.running = 0
        self.go_on = threading.Event()


work = Work()


# --8<-- [start:endpoints]
def report() -> str:
    with work.lock:
        work.running += 1
    work.go_on.wait()  # For the database, for example.
    return "report"


def ping_def() -> str:
    return "pong"


async def ping_async() -> str:
    return "pong"


def get_tenant() -> str:
    return "acme"


async def ping_tenant(tenant: Annotated[str, Depends(get_tenant)]) -> str:
    return f"pong, {tenant}"


# --8<-- [end:endpoints]


# --8<-- [start:limit]
def make_app(threads: int) -> FastAPI:
    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        current_default_thread_limiter().total_tokens = threads
        yield

    app = FastAPI(lifespan=lifespan)
    # --8<-- [end:limit]
    app.get("/report")(report)
    app.get("/ping-def")(ping_def)
    app.get("/ping-async")(ping_async)
    app.get("/ping-tenant")(ping_tenant)
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


def waiting_for_a_thread() -> int:
    return current_default_thread_limiter().statistics().tasks_waiting


async def ask(client: httpx.AsyncClient, path: str) -> tuple[str, asyncio.Task[httpx.Response]]:
    behind = waiting_for_a_thread()
    ping = asyncio.create_task(client.get(path))
    while not ping.done() and waiting_for_a_thread() == behind:
        await asyncio.sleep(0.01)
    return "is answered" if ping.done() else "waits for a thread", ping


async def sixty(threads: int) -> str:
    work.running, work.go_on = 0, threading.Event()
    async with serving(make_app(threads)) as client:
        reports = [asyncio.create_task(client.get("/report")) for _ in range(60)]
        while work.running + waiting_for_a_thread() < 60:
            await asyncio.sleep(0.01)
        running = work.running
        asked = [await ask(client, path) for path in ("/ping-def", "/ping-tenant", "/ping-async")]
        work.go_on.set()
        responses = await asyncio.gather(*reports, *(ping for _, ping in asked))
        assert all(response.is_success for response in responses)
    return " | ".join([str(running), *(outcome for outcome, _ in asked)])


async def main() -> None:
    # --8<-- [start:table]
    default = int(current_default_thread_limiter().total_tokens)
    print("threads | running, of 60 | `def` endpoint | `async def` with a `def` dependency | `async def` endpoint")
    #> threads | running, of 60 | `def` endpoint | `async def` with a `def` dependency | `async def` endpoint
    print(f"{default} (default) |", await sixty(default))
    #> 40 (default) | 40 | waits for a thread | waits for a thread | is answered
    print("100 |", await sixty(100))
    #> 100 | 60 | is answered | is answered | is answered
    # --8<-- [end:table]
    current_default_thread_limiter().total_tokens = default


if __name__ == "__main__":
    asyncio.run(main())
