# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0", "asyncpg", "psycopg[binary]"]
# ///
# drivers: asyncpg (it tries psycopg itself, with the same server)
# unrecorded: it measures how long things take
import asyncio
import os
import sys
import time
from contextlib import suppress

from sqlalchemy import URL, make_url, text
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

DATABASE_URL = os.environ.get("DATABASE_URL") or sys.exit(
    "needs PostgreSQL: DATABASE_URL=postgresql+asyncpg://user:password@localhost/test"
)


async def open_upstream(url: URL) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    folder, port = url.query.get("host"), url.port or 5432
    if isinstance(folder, str):
        return await asyncio.open_unix_connection(f"{folder}/.s.PGSQL.{port}")
    return await asyncio.open_connection(url.host, port)


class GoesSilent:
    """Passes everything on to the real server and back, until it is told to be silent."""

    def __init__(self, url: URL) -> None:
        self.url = url
        self.is_silent = False
        self.open: set[asyncio.StreamWriter] = set()

    async def __call__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        server_reader, server_writer = await open_upstream(self.url)
        self.open |= {writer, server_writer}
        await asyncio.gather(
            self.pass_on(reader, server_writer), self.pass_on(server_reader, writer)
        )

    async def pass_on(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(ConnectionError):
            while data := await reader.read(65536):
                if not self.is_silent:
                    writer.write(data)
        writer.close()
        self.open.discard(writer)

    async def end(self, server: asyncio.Server) -> None:
        while others := asyncio.all_tasks() - {asyncio.current_task()}:
            for writer in self.open:
                writer.close()
            await asyncio.wait(others, timeout=0.01)
        server.close()


# --8<-- [start:measure]
async def ask(engine: AsyncEngine) -> None:
    async with engine.connect() as connection:
        await connection.execute(text("SELECT 1"))


async def seconds_to_cancel(engine: AsyncEngine) -> float:
    asking = asyncio.create_task(ask(engine))
    await asyncio.sleep(0.2)
    started = time.monotonic()
    asking.cancel()
    await asyncio.wait([asking])
    return time.monotonic() - started


# --8<-- [end:measure]


async def measure(driver: str, *, connects: bool) -> str:
    url = make_url(DATABASE_URL)
    handler = GoesSilent(url)
    server = await asyncio.start_server(handler, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    there = url.set(drivername=f"postgresql+{driver}", host="127.0.0.1", port=port, query={})
    engine = create_async_engine(there)
    if connects:
        await ask(engine)
    handler.is_silent = True
    seconds = await seconds_to_cancel(engine)
    await engine.dispose()
    await handler.end(server)
    return "10 s or more" if seconds > 9.9 else "2 s or more" if seconds > 1.9 else "less than 2 s"


async def main() -> None:
    # --8<-- [start:table]
    print("driver | silent from the start | silent after the login")
    #> driver | silent from the start | silent after the login
    for driver in "asyncpg", "psycopg":
        cells = [await measure(driver, connects=connects) for connects in (False, True)]
        print(" | ".join([driver, *cells]))
        #> asyncpg | less than 2 s | 2 s or more
        #> psycopg | less than 2 s | 10 s or more
    # --8<-- [end:table]


if __name__ == "__main__":
    asyncio.run(main())
