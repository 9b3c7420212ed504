# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0", "asyncpg", "fastapi", "uvicorn", "gunicorn", "httpx"]
# ///
# drivers: asyncpg (starting six processes takes seconds, and what is counted are processes)
# unrecorded: it looks again until all workers have started
import asyncio
import os
import socket
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import httpx
from fastapi import FastAPI
from sqlalchemy import event, text
from sqlalchemy.engine import URL, make_url
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

DATABASE_URL = os.environ.get("DATABASE_URL") or sys.exit(
    "needs PostgreSQL: DATABASE_URL=postgresql+asyncpg://user:password@localhost/test"
)

# --8<-- [start:app]
engine = create_async_engine(DATABASE_URL, pool_size=2, max_overflow=0)


@event.listens_for(engine.sync_engine, "connect")
def name_it(connection: object, _record: object) -> None:
    cursor = connection.cursor()  # type: ignore[attr-defined]
    cursor.execute("SET application_name = 'shop'")
    connection.commit()  # type: ignore[attr-defined]


@asynccontextmanager
async def lifespan(_: FastAPI) -> AsyncIterator[None]:
    async with engine.connect(), engine.connect():
        pass  # Each worker fills its own pool.
    yield
    await engine.dispose()


app = FastAPI(lifespan=lifespan)
# --8<-- [end:app]


@app.get("/")
async def ready() -> str:
    return "ready"


# --8<-- [start:commands]
def commands(port: int) -> dict[str, list[str]]:
    module, folder = Path(__file__).stem, str(Path(__file__).parent)
    return {
        "uvicorn": ["uvicorn", f"{module}:app", "--app-dir", folder, "--port", str(port)],
        "gunicorn": [
            "gunicorn", f"{module}:app", "--chdir", folder, "--bind", f"127.0.0.1:{port}",
            "--worker-class", "asgi", "--no-control-socket",
        ],
    }  # fmt: skip


# --8<-- [end:commands]


# --8<-- [start:count]
async def connections_of(server: str, workers: int, url: URL) -> int:
    port = free_port()
    command = [sys.executable, "-m", *commands(port)[server], "--workers", str(workers)]
    quiet = asyncio.subprocess.DEVNULL
    process = await asyncio.create_subprocess_exec(*command, stdout=quiet, stderr=quiet)
    counting = create_async_engine(url)
    try:
        await answer_from(port)
        return await counted(counting, at_least=workers * 2)
    finally:
        process.terminate()
        await process.wait()
        await counted(counting, at_most=0)  # The next one is not to count these.
        await counting.dispose()


async def counted(engine: AsyncEngine, at_least: int = 0, at_most: int = 1000) -> int:
    found = 0
    for _ in range(600):  # Workers may start a little later, and their connections end a little later.
        async with engine.connect() as connection:
            query = (
                "SELECT count(*) FROM pg_stat_activity"
                " WHERE application_name = 'shop' AND datname = current_database()"
            )
            found = await connection.scalar(text(query)) or 0
        if at_least <= found <= at_most:
            break
        await asyncio.sleep(0.1)
    return found


# --8<-- [end:count]


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


async def answer_from(port: int) -> None:
    async with httpx.AsyncClient() as client:
        for _ in range(600):
            try:
                await client.get(f"http://127.0.0.1:{port}/")
                return
            except httpx.TransportError:
                await asyncio.sleep(0.1)
    raise TimeoutError(f"nothing answers on port {port}")


async def main() -> None:
    url = make_url(DATABASE_URL)
    # On a busy machine a worker starts slowly; uvicorn kills it if it says nothing for five seconds.
    os.environ["UVICORN_TIMEOUT_WORKER_HEALTHCHECK"] = "15"
    # --8<-- [start:table]
    print("Server | workers | pool_size | connections")
    #> Server | workers | pool_size | connections
    for server, workers in (("uvicorn", 1), ("uvicorn", 2), ("gunicorn", 2)):
        print(f"{server} | {workers} | 2 | {await connections_of(server, workers, url)}")
        #> uvicorn | 1 | 2 | 2
        #> uvicorn | 2 | 2 | 4
        #> gunicorn | 2 | 2 | 4
    # --8<-- [end:table]


if __name__ == "__main__":
    asyncio.run(main())
