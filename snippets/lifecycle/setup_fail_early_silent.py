# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0", "asyncpg", "psycopg[binary]"]
# ///
# drivers: asyncpg, psycopg (SQLite has no server that could keep silent)
import asyncio
import os

from sqlalchemy import make_url, text
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine


# --8<-- [start:check]
async def check(engine: AsyncEngine) -> None:
    async with asyncio.timeout(0.2), engine.connect() as connection:
        await connection.execute(text("SELECT 1"))


# --8<-- [end:check]


accepted: list[asyncio.StreamWriter] = []


async def keep_silent(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """A server that takes the connection and never answers."""
    accepted.append(writer)
    await reader.read()


async def main() -> None:
    silent = await asyncio.start_server(keep_silent, "127.0.0.1", 0)
    url = make_url(os.environ.get("DATABASE_URL", "postgresql+asyncpg://postgres@localhost/postgres"))
    port = silent.sockets[0].getsockname()[1]
    engine = create_async_engine(url.set(host="127.0.0.1", port=port, query={}))
    # --8<-- [start:start]
    start = asyncio.create_task(check(engine))
    done, _ = await asyncio.wait([start], timeout=2)
    print("the check is over:", start in done)
    #> the check is over: True
    # --8<-- [end:start]
    start.cancel()
    [error] = await asyncio.gather(start, return_exceptions=True)
    print("what ended it:", type(error).__name__)
    #> what ended it: TimeoutError
    await engine.dispose()
    silent.close()
    for writer in accepted:
        writer.close()
        await writer.wait_closed()
    assert start in done, "the application would wait on"


if __name__ == "__main__":
    asyncio.run(main())
