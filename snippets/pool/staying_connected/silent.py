# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0", "asyncpg", "psycopg[binary]"]
# ///
# drivers: asyncpg (it opens both PostgreSQL drivers itself, to set them side by side)
import asyncio
import contextlib
import os
import socket
import sys
from collections.abc import AsyncIterator
from typing import Any

from sqlalchemy import text
from sqlalchemy.engine import URL, make_url
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

DATABASE_URL = os.environ.get("DATABASE_URL") or sys.exit(
    "needs PostgreSQL: DATABASE_URL=postgresql+asyncpg://user:password@localhost/test"
)


# --8<-- [start:network]
class Network:
    """Between client and server. `cut()` loses all that is sent on the connections of now, without a word."""

    def __init__(self, server: URL) -> None:
        self.server = server
        self.connections: list[asyncio.Event] = []
        self.tasks: list[asyncio.Task[None]] = []

    def cut(self) -> None:
        for connection in self.connections:
            connection.set()

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        host, port = self.server.query.get("host", self.server.host), self.server.port or 5432
        if str(host).startswith("/"):
            from_server, to_server = await asyncio.open_unix_connection(f"{host}/.s.PGSQL.{port}")
        else:
            from_server, to_server = await asyncio.open_connection(str(host), port)
        is_cut = asyncio.Event()
        self.connections.append(is_cut)

        async def carry(source: asyncio.StreamReader, target: asyncio.StreamWriter) -> None:
            while data := await source.read(65536):
                if not is_cut.is_set():
                    target.write(data)
            target.close()

        ways = [carry(reader, to_server), carry(from_server, writer)]
        self.tasks += [asyncio.create_task(way) for way in ways]


# --8<-- [end:network]


@contextlib.asynccontextmanager
async def behind_a_network(driver: str, **settings: Any) -> AsyncIterator[tuple[AsyncEngine, Network]]:
    url = make_url(DATABASE_URL)
    network = Network(url)
    proxy = await asyncio.start_server(network.serve, "127.0.0.1", 0)
    port = proxy.sockets[0].getsockname()[1]
    there = url.set(drivername=f"postgresql+{driver}", host="127.0.0.1", port=port, query={})
    engine = create_async_engine(there, pool_pre_ping=True, connect_args=settings)
    yield engine, network
    await engine.dispose()
    proxy.close()
    await asyncio.wait(network.tasks)


# --8<-- [start:requests]
async def ask(engine: AsyncEngine) -> None:
    async with engine.connect() as connection:
        await connection.execute(text("SELECT 1"))


async def two_requests(driver: str, **settings: Any) -> list[str]:
    async with behind_a_network(driver, **settings) as (engine, network):
        await ask(engine)
        network.cut()
        ends = []
        for _ in range(2):
            request = asyncio.create_task(ask(engine))
            _, waits = await asyncio.wait([request], timeout=1)
            if waits:
                request.cancel()
                _, waits_on = await asyncio.wait([request], timeout=1)
                await asyncio.wait([request])
                ends.append("waits, and once cancelled, waits on" if waits_on else "waits")
            else:
                error = request.exception()
                ends.append(type(error).__name__ if error else "answered")
        return ends


# --8<-- [end:requests]


# --8<-- [start:socket]
async def keepalive(driver: str, **settings: Any) -> str:
    """Does the system ask after a silent server, and after how many seconds?"""
    async with behind_a_network(driver, **settings) as (engine, _), engine.connect() as connection:
        raw: Any = (await connection.get_raw_connection()).driver_connection
        if driver == "asyncpg":
            number = raw._transport.get_extra_info("socket").fileno()
        else:
            number = raw.pgconn.socket
        with socket.socket(fileno=os.dup(number)) as wire, socket.socket() as usual:
            if not wire.getsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE):
                return "never"
            after, default = (
                each.getsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPIDLE) for each in (wire, usual)
            )
        return f"after {after} s" if after != default else "after the system's default"


# --8<-- [end:socket]


async def main() -> None:
    # --8<-- [start:cut]
    print("Driver | setting | first request | second request")
    #> Driver | setting | first request | second request
    limit = {"command_timeout": 0.2}
    for driver, settings in (("asyncpg", {}), ("asyncpg", limit), ("psycopg", {})):
        first, second = await two_requests(driver, **settings)
        print(f"{driver} | {settings or 'none'} | {first} | {second}")
        #> asyncpg | none | waits, and once cancelled, waits on | answered
        #> asyncpg | {'command_timeout': 0.2} | TimeoutError | answered
        #> psycopg | none | waits, and once cancelled, waits on | answered
    # --8<-- [end:cut]
    # --8<-- [start:keepalives]
    print("Driver | setting | asks after a silent server")
    #> Driver | setting | asks after a silent server
    idle = {"keepalives_idle": 60}
    for driver, options in (("asyncpg", {}), ("psycopg", {}), ("psycopg", idle)):
        print(f"{driver} | {options or 'none'} | {await keepalive(driver, **options)}")
        #> asyncpg | none | never
        #> psycopg | none | after the system's default
        #> psycopg | {'keepalives_idle': 60} | after 60 s
    # --8<-- [end:keepalives]


if __name__ == "__main__":
    asyncio.run(main())
