# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0", "asyncpg", "psycopg[binary]"]
# ///
# drivers: asyncpg, psycopg (SQLite has no server that could keep silent)
# raises: AssertionError
# silent: the check takes seconds longer than it may
import asyncio
import os
import struct
from contextlib import suppress

from sqlalchemy import make_url, text
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine


# --8<-- [start:check]
async def ask(engine: AsyncEngine) -> None:
    async with engine.connect() as connection:
        await connection.execute(text("SELECT 1"))


async def check(engine: AsyncEngine, within: float) -> None:
    async with asyncio.timeout(within):
        await ask(engine)


# --8<-- [end:check]


def message(kind: bytes, body: bytes) -> bytes:
    return kind + struct.pack("!i", len(body) + 4) + body


WELCOME = (
    message(b"R", bytes(4))
    + message(b"S", b"server_version\x0018.0\x00")
    + message(b"S", b"client_encoding\x00UTF8\x00")
    + message(b"K", bytes(8))
    + message(b"Z", b"I")
)
TLS, PROTOCOL = 80877103, 196608
accepted: set[asyncio.StreamWriter] = set()


async def let_in(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """A PostgreSQL that takes every login and then answers nothing."""
    accepted.add(writer)
    code = TLS
    with suppress(asyncio.IncompleteReadError):
        while code == TLS:
            length, code = struct.unpack("!ii", await reader.readexactly(8))
            await reader.readexactly(length - 8)
            writer.write({TLS: b"N", PROTOCOL: WELCOME}.get(code, b""))
        await reader.read()
    writer.close()
    await writer.wait_closed()
    accepted.remove(writer)


async def main() -> None:
    silent = await asyncio.start_server(let_in, "127.0.0.1", 0)
    url = make_url(os.environ.get("DATABASE_URL", "postgresql+asyncpg://localhost/postgres"))
    port = silent.sockets[0].getsockname()[1]
    engine = create_async_engine(
        url.set(username="shop", host="127.0.0.1", port=port, database="shop", query={})
    )
    # --8<-- [start:start]
    start = asyncio.create_task(check(engine, within=0.2))
    done, _ = await asyncio.wait([start], timeout=1.5)
    print("the check is over:", start in done)
    #> the check is over: True
    # --8<-- [end:start]
    start.cancel()
    [error] = await asyncio.gather(start, return_exceptions=True)
    # --8<-- [start:error]
    print(f"{type(error).__name__}: {error}")
    #> TimeoutError: no answer from 127.0.0.1/shop within 0.2 seconds
    # --8<-- [end:error]
    await engine.dispose()
    while others := asyncio.all_tasks() - {asyncio.current_task()}:
        for writer in accepted:
            writer.close()
        await asyncio.wait(others, timeout=0.01)
    silent.close()
    assert start in done, "the application would wait on"


if __name__ == "__main__":
    asyncio.run(main())
