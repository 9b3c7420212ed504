# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0.38", "aiosqlite", "asyncpg", "psycopg[binary]", "uvicorn"]
# ///
import asyncio
import logging
import os
import re
import signal
import sys
import time
import traceback
from collections.abc import Awaitable, Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

from sqlalchemy import URL, event, make_url, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

DATABASE_URL = os.environ.get("DATABASE_URL", "sqlite+aiosqlite:///greenlit.db")
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


async def claim_shared(engine: AsyncEngine) -> None:
    """Twenty probes at once send one `SELECT 1`."""
    readiness, statements = Readiness(DATABASE_URL, within=30), []

    @event.listens_for(readiness.engine.sync_engine, "before_cursor_execute")
    def count(connection: object, cursor: object, statement: str, *others: object) -> None:
        statements.append(statement)

    answers = await asyncio.gather(*(readiness.is_ready() for _ in range(20)))
    await readiness.engine.dispose()
    assert all(answers)
    assert statements == ["SELECT 1"]


async def claim_refused(engine: AsyncEngine) -> None:
    """If the server refuses connections, `is_ready()` is false."""
    url = make_url(DATABASE_URL)
    assert url.get_backend_name() == "postgresql", "SQLite has no server"
    readiness = Readiness(url.set(host="127.0.0.1", port=1, query={}))
    answer = await readiness.is_ready()
    await readiness.engine.dispose()
    assert not answer


async def claim_silent(engine: AsyncEngine) -> None:
    """If the server accepts the connection and does not answer, `is_ready()` is false, within two seconds."""
    url = make_url(DATABASE_URL)
    assert url.get_backend_name() == "postgresql", "SQLite has no server"
    writers = []

    async def say_nothing(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writers.append(writer)
        await reader.read()

    server = await asyncio.start_server(say_nothing, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    readiness = Readiness(url.set(host="127.0.0.1", port=port, query={}))
    start = time.monotonic()
    answer = await readiness.is_ready()
    took = time.monotonic() - start
    for writer in writers:
        writer.close()
    assert readiness.asking
    await asyncio.wait([readiness.asking])
    await readiness.engine.dispose()
    server.close()
    assert not answer
    assert took < 2


async def claim_recovers(engine: AsyncEngine) -> None:
    """After the server has ended the connection of the check, the next check is true again."""
    assert make_url(DATABASE_URL).get_backend_name() == "postgresql", "SQLite has no server"
    readiness = Readiness(DATABASE_URL, valid=0, within=30)
    answers = [await readiness.is_ready()]
    async with readiness.engine.connect() as connection:
        pid = (await connection.execute(text("SELECT pg_backend_pid()"))).scalar_one()
    async with engine.connect() as connection:
        await connection.execute(text("SELECT pg_terminate_backend(:pid, 5000)"), {"pid": pid})
    answers.append(await readiness.is_ready())
    await readiness.engine.dispose()
    assert answers == [True, True]


async def claim_connect_alone(engine: AsyncEngine) -> None:
    """Without `pool_pre_ping`, `async with engine.connect()` alone raises nothing on a connection that the server has ended. A statement raises."""
    assert make_url(DATABASE_URL).get_backend_name() == "postgresql", "SQLite has no server"
    other = create_async_engine(DATABASE_URL)
    async with engine.connect() as connection:
        pid = (await connection.execute(text("SELECT pg_backend_pid()"))).scalar_one()
    async with other.connect() as connection:
        await connection.execute(text("SELECT pg_terminate_backend(:pid, 5000)"), {"pid": pid})
    await other.dispose()
    error = None
    async with engine.connect() as connection:
        reached = True
        try:
            await connection.execute(text("SELECT 1"))
        except DBAPIError as raised:
            error = raised
    assert reached
    assert error is not None


async def app(scope: Any, receive: Callable[[], Awaitable[dict[str, Any]]], send: object) -> None:
    """Keeps its request until the client has gone."""
    while (await receive())["type"] != "http.disconnect":
        print("begun", flush=True)


async def claim_workers(engine: AsyncEngine) -> None:
    """With `--workers=2`, a new connection is accepted until the last request has ended, and gets no answer."""
    here, pipe = Path(__file__), asyncio.subprocess.PIPE
    command = [sys.executable, "-m", "uvicorn", f"{here.stem}:app", f"--app-dir={here.parent}"]
    options = ["--port=0", "--workers=2", "--lifespan=off"]
    process = await asyncio.create_subprocess_exec(*command, *options, stdout=pipe, stderr=pipe)
    assert process.stdout
    assert process.stderr

    async def said(pattern: str) -> str:
        assert process.stderr
        while not (found := re.search(pattern, (await process.stderr.readline()).decode())):
            pass
        return found[1]

    async def request() -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(b"GET / HTTP/1.1\r\nHost: shop\r\n\r\n")
        return reader, writer

    port = int(await said(r"running on http://127.0.0.1:(\d+)"))
    for _ in range(2):
        await said("(Started server process)")
    in_flight = None
    while in_flight is None:
        with suppress(OSError):  # A worker has not called listen() yet.
            _, in_flight = await request()
    await process.stdout.readline()
    process.send_signal(signal.SIGTERM)
    ended = {await said("(Waiting for connections|Finished server process)") for _ in range(2)}
    reader, late = await request()
    answer = asyncio.create_task(reader.read())
    await asyncio.wait([answer], timeout=1)
    silent = not answer.done()
    for writer in in_flight, late:
        writer.close()
    code = await process.wait()
    answer.cancel()
    assert ended == {"Waiting for connections", "Finished server process"}
    assert silent
    assert code == 0


async def reason_against(claim: Callable[[AsyncEngine], Awaitable[None]]) -> str:
    """Why a claim does not hold here, or nothing."""
    engine = create_async_engine(DATABASE_URL)
    try:
        await claim(engine)
    except Exception as error:
        line = traceback.extract_tb(error.__traceback__)[-1].line
        return f"{type(error).__name__}: {str(error).partition(chr(10))[0] or line}"
    finally:
        await engine.dispose()
    return ""


async def main() -> None:
    for name, claim in list(globals().items()):
        if name.startswith("claim_"):
            sentence, against = " ".join(claim.__doc__.split()), await reason_against(claim)
            print(f"does not hold: {sentence} ({against})" if against else f"holds: {sentence}")


if __name__ == "__main__":
    asyncio.run(main())
