# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0", "asyncpg", "psycopg[binary]"]
# ///
# drivers: asyncpg (it tries psycopg itself, and brings its own server)
# unrecorded: it measures how long things take
import asyncio
import struct
import time
from contextlib import suppress

from sqlalchemy import URL, text
from sqlalchemy.ext.asyncio import create_async_engine


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


# --8<-- [start:measure]
async def seconds_beyond_the_limit(driver: str, port: int) -> float:
    engine = create_async_engine(URL.create(f"postgresql+{driver}", "shop", None, "127.0.0.1", port, "shop"))
    started = time.monotonic()
    with suppress(TimeoutError):
        async with asyncio.timeout(0.2), engine.connect() as connection:
            await connection.execute(text("SELECT 1"))
    seconds = time.monotonic() - started - 0.2
    await engine.dispose()
    return seconds


# --8<-- [end:measure]


async def main() -> None:
    server = await asyncio.start_server(let_in, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    # --8<-- [start:table]
    drivers = ("asyncpg", "psycopg")
    measured = await asyncio.gather(*(seconds_beyond_the_limit(driver, port) for driver in drivers))
    print("driver | what `asyncio.timeout(0.2)` takes")
    #> driver | what `asyncio.timeout(0.2)` takes
    for driver, seconds in zip(drivers, measured, strict=True):
        least = max(number for number in (0, 2, 10) if seconds >= number)
        print(f"{driver} | at least {least} seconds more")
        #> asyncpg | at least 2 seconds more
        #> psycopg | at least 10 seconds more
    # --8<-- [end:table]
    while others := asyncio.all_tasks() - {asyncio.current_task()}:
        for writer in accepted:
            writer.close()
        await asyncio.wait(others, timeout=0.01)
    server.close()


if __name__ == "__main__":
    asyncio.run(main())
