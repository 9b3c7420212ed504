# /// script
# requires-python = ">=3.11"
# dependencies = [
#     "sqlalchemy[asyncio]>=2.0.22", "asyncpg", "psycopg[binary]", "fastapi>=0.121", "httpx", "uvicorn",
# ]
# ///
# drivers: asyncpg, psycopg (SQLite has no server that closes a connection)
# unrecorded: it looks again until the server has done what it was asked to do
# silent: the first request after a pause is answered with 500
import asyncio
import os
import signal
import socket
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Annotated, TypedDict

import httpx
from fastapi import Depends, FastAPI
from fastapi.requests import HTTPConnection
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, async_sessionmaker, create_async_engine

DATABASE_URL = os.environ.get("DATABASE_URL") or sys.exit(
    "needs PostgreSQL: DATABASE_URL=postgresql+asyncpg://user:password@localhost/test"
)


# --8<-- [start:lifespan]
class State(TypedDict):
    session_factory: async_sessionmaker[AsyncSession]


@asynccontextmanager
async def lifespan(app: FastAPI) -> AsyncIterator[State]:
    engine = create_async_engine(DATABASE_URL, pool_size=1, max_overflow=0)
    try:
        yield {"session_factory": async_sessionmaker(engine, expire_on_commit=False, close_resets_only=False)}
    finally:
        await engine.dispose()


# --8<-- [end:lifespan]


app = FastAPI(lifespan=lifespan)


async def get_session(connection: HTTPConnection) -> AsyncIterator[AsyncSession]:
    async with connection.state.session_factory() as session:
        yield session
        await session.commit()


SessionDep = Annotated[AsyncSession, Depends(get_session, scope="function")]


# --8<-- [start:endpoint]
@app.get("/process")
async def read_process(session: SessionDep) -> int:
    """The server process that this application is connected to."""
    return await session.scalar(text("SELECT pg_backend_pid()")) or 0


# --8<-- [end:endpoint]


# --8<-- [start:freeze]
async def freeze_and_thaw(instance: asyncio.subprocess.Process, server: AsyncEngine, pid: int) -> int:
    """Stop the process, let the server close its connection, and let it go on."""
    instance.send_signal(signal.SIGSTOP)
    async with server.connect() as connection:
        await connection.execution_options(isolation_level="AUTOCOMMIT")
        kept = await connection.scalar(HELD, {"pid": pid})
        await connection.execute(text("SELECT pg_terminate_backend(:pid)"), {"pid": pid})
        while await connection.scalar(HELD, {"pid": pid}):
            await asyncio.sleep(0.02)
    instance.send_signal(signal.SIGCONT)
    return kept or 0


# --8<-- [end:freeze]
HELD = text("SELECT count(*) FROM pg_stat_activity WHERE pid = :pid")


async def main() -> None:
    listening = socket.create_server(("127.0.0.1", 0))  # A request waits in it until the instance has started.
    module, folder, fd = Path(__file__).stem, str(Path(__file__).parent), listening.fileno()
    command = [sys.executable, "-m", "uvicorn", f"{module}:app", "--app-dir", folder, "--fd", str(fd)]
    quiet = asyncio.subprocess.DEVNULL
    instance = await asyncio.create_subprocess_exec(*command, stdout=quiet, stderr=quiet, pass_fds=[fd])
    server = create_async_engine(DATABASE_URL)
    try:
        url = f"http://127.0.0.1:{listening.getsockname()[1]}"
        # A connection for each request: uvicorn closes one after an error.
        headers = {"Connection": "close"}
        async with httpx.AsyncClient(base_url=url, headers=headers, timeout=120) as client:
            # --8<-- [start:requests]
            warm = await client.get("/process")
            print("before:", warm.status_code)
            #> before: 200
            kept = await freeze_and_thaw(instance, server, warm.json())
            print("connections that the server kept for the frozen process:", kept)
            #> connections that the server kept for the frozen process: 1
            for _ in range(2):
                print("after:", (await client.get("/process")).status_code)
                #> after: 500
                #> after: 200
            # --8<-- [end:requests]
    finally:
        instance.kill()
        await instance.wait()
        listening.close()
        await server.dispose()


if __name__ == "__main__":
    asyncio.run(main())
