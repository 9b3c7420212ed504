# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0", "asyncpg", "psycopg[binary]"]
# ///
# drivers: asyncpg, psycopg (SQLite has no server that could keep silent)
# raises: AssertionError
# silent: the check takes seconds longer than it may
import asyncio
import os
import sys
from contextlib import suppress

from sqlalchemy import URL, make_url, text
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

DATABASE_URL = os.environ.get("DATABASE_URL") or sys.exit(
    "needs PostgreSQL: DATABASE_URL=postgresql+asyncpg://user:password@localhost/test"
)


# --8<-- [start:check]
async def ask(engine: AsyncEngine) -> None:
    async with engine.connect() as connection:
        await connection.execute(text("SELECT 1"))


async def check(engine: AsyncEngine, within: float) -> None:
    async with asyncio.timeout(within):
        await ask(engine)


# --8<-- [end:check]


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


async def main() -> None:
    url = make_url(DATABASE_URL)
    handler = GoesSilent(url)
    server = await asyncio.start_server(handler, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    engine = create_async_engine(url.set(host="127.0.0.1", port=port, query={}))
    await ask(engine)
    handler.is_silent = True
    # --8<-- [start:start]
    start = asyncio.create_task(check(engine, within=0.2))
    done, _ = await asyncio.wait([start], timeout=1.5)
    print("the check is over:", start in done)
    #> the check is over: False
    # --8<-- [end:start]
    start.cancel()
    [error] = await asyncio.gather(start, return_exceptions=True)
    said = str(error).replace(str(url.database), "shop")
    # --8<-- [start:error]
    print(f"{type(error).__name__}({said!r})")
    #> CancelledError('')
    # --8<-- [end:error]
    await engine.dispose()
    await handler.end(server)
    assert start in done, "the application would wait on"


if __name__ == "__main__":
    asyncio.run(main())
