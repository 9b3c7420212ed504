# /// script
# requires-python = ">=3.11"
# dependencies = [
#     "sqlalchemy[asyncio]>=2.0.22", "aiosqlite", "asyncpg", "psycopg[binary]", "fastapi>=0.121", "httpx", "uvicorn",
# ]
# ///
import asyncio
import os
import re
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Annotated, TypedDict

import httpx
from fastapi import Depends, FastAPI
from fastapi.requests import HTTPConnection
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

DATABASE_URL = os.environ.get("DATABASE_URL", "sqlite+aiosqlite:///greenlit.db")


class Base(DeclarativeBase):
    pass


class Order(Base):
    __tablename__ = "orders"

    id: Mapped[int] = mapped_column(primary_key=True)


class State(TypedDict):
    session_factory: async_sessionmaker[AsyncSession]


# --8<-- [start:app]
@asynccontextmanager
async def lifespan(app: FastAPI) -> AsyncIterator[State]:
    engine = create_async_engine(DATABASE_URL)
    try:
        yield {
            "session_factory": async_sessionmaker(
                engine, expire_on_commit=False, close_resets_only=False
            )
        }
    finally:
        await engine.dispose()
        print("disposed", flush=True)


app = FastAPI(lifespan=lifespan)


async def get_session(connection: HTTPConnection) -> AsyncIterator[AsyncSession]:
    async with connection.state.session_factory() as session:
        yield session
        await session.commit()


SessionDep = Annotated[AsyncSession, Depends(get_session, scope="function")]


@app.post("/orders", status_code=201)
async def create_order(session: SessionDep) -> None:
    session.add(Order())
    await session.flush()
    print("begun", flush=True)
    await asyncio.to_thread(sys.stdin.readline)  # Until the test lets it go on.


@app.post("/stuck", status_code=201)
async def create_order_and_hang(session: SessionDep) -> None:
    session.add(Order())
    await session.flush()
    print("begun", flush=True)
    await asyncio.Event().wait()


# --8<-- [end:app]


@asynccontextmanager
async def uvicorn_process(*options: str) -> AsyncIterator[tuple[asyncio.subprocess.Process, int]]:
    here = Path(__file__)
    command = [sys.executable, "-m", "uvicorn", f"{here.stem}:app", f"--app-dir={here.parent}"]
    pipe = asyncio.subprocess.PIPE
    process = await asyncio.create_subprocess_exec(
        *command, "--port=0", *options, stdin=pipe, stdout=pipe, stderr=pipe
    )
    assert process.stderr
    try:
        port = 0
        while not port:
            line = (await process.stderr.readline()).decode()
            if found := re.search(r"running on http://127.0.0.1:(\d+)", line):
                port = int(found[1])
        yield process, port
    finally:
        with suppress(ProcessLookupError):
            process.kill()
        await process.wait()


async def is_refused(port: int) -> bool:
    for _ in range(500):
        try:
            _, writer = await asyncio.open_connection("127.0.0.1", port)
        except OSError:
            return True
        writer.close()
        await asyncio.sleep(0.02)
    return False


async def stop(path: str, *options: str, within: float) -> str:
    """SIGTERM while a request is in flight: what the client gets, what is stored, how the process ends."""
    await create_tables()
    # --8<-- [start:stop]
    async with uvicorn_process(*options) as (process, port), httpx.AsyncClient(timeout=60) as client:
        assert process.stdin and process.stdout
        request = asyncio.create_task(client.post(f"http://127.0.0.1:{port}{path}"))
        assert await process.stdout.readline() == b"begun\n"
        process.send_signal(signal.SIGTERM)
        refused = await is_refused(port)
        process.stdin.write(b"go on\n")
        ended = asyncio.create_task(process.wait())
        await asyncio.wait([ended], timeout=within)
        runs_on = not ended.done()
        # --8<-- [end:stop]
        if runs_on:
            process.kill()
            await ended
        [answer] = await asyncio.gather(request, return_exceptions=True)
        disposed = b"disposed" in await process.stdout.read()
    got = str(answer.status_code) if isinstance(answer, httpx.Response) else type(answer).__name__
    ends = "runs on" if runs_on else str(process.returncode)
    yes = {True: "yes", False: "no"}
    return " | ".join([yes[refused], got, str(await stored()), ends, yes[disposed]])


async def create_tables() -> None:
    engine = create_async_engine(DATABASE_URL)
    async with engine.begin() as connection:
        await connection.run_sync(Base.metadata.drop_all)
        await connection.run_sync(Base.metadata.create_all)
    await engine.dispose()


async def stored() -> int:
    engine = create_async_engine(DATABASE_URL)
    async with engine.connect() as connection:
        count: int = (await connection.execute(select(func.count(Order.id)))).scalar_one()
    await engine.dispose()
    return count


async def main() -> None:
    # --8<-- [start:table]
    print("request | new connections refused | client gets | stored | process ends with | disposed")
    #> request | new connections refused | client gets | stored | process ends with | disposed
    print("finishes |", await stop("/orders", within=60))
    #> finishes | yes | 201 | 1 | -15 | yes
    print("hangs |", await stop("/stuck", within=3))
    #> hangs | yes | RemoteProtocolError | 0 | runs on | no
    limit = "--timeout-graceful-shutdown=1"
    print(f"hangs, `{limit}` |", await stop("/stuck", limit, within=60))
    #> hangs, `--timeout-graceful-shutdown=1` | yes | RemoteProtocolError | 0 | -15 | yes
    # --8<-- [end:table]


if __name__ == "__main__":
    asyncio.run(main())
