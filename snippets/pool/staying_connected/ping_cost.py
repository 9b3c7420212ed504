# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0", "asyncpg", "psycopg[binary]"]
# ///
# drivers: asyncpg (it opens both PostgreSQL drivers itself, to set them side by side)
import asyncio
import os
import sys

from sqlalchemy import text
from sqlalchemy.engine import URL, make_url
from sqlalchemy.ext.asyncio import create_async_engine

DATABASE_URL = os.environ.get("DATABASE_URL") or sys.exit(
    "needs PostgreSQL: DATABASE_URL=postgresql+asyncpg://user:password@localhost/test"
)


# --8<-- [start:proxy]
class Wire:
    """Passes on what goes between client and server, and counts how often the client waits for an answer."""

    def __init__(self, server: URL) -> None:
        self.server = server
        self.round_trips = 0
        self.closed = asyncio.get_running_loop().create_future()

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        host, port = self.server.query.get("host", self.server.host), self.server.port or 5432
        if str(host).startswith("/"):
            from_server, to_server = await asyncio.open_unix_connection(f"{host}/.s.PGSQL.{port}")
        else:
            from_server, to_server = await asyncio.open_connection(str(host), port)
        asked = False

        async def up() -> None:
            nonlocal asked
            while data := await reader.read(65536):
                asked = True
                to_server.write(data)
            to_server.close()

        async def down() -> None:
            nonlocal asked
            while data := await from_server.read(65536):
                self.round_trips += asked
                asked = False
                writer.write(data)
            writer.close()

        await asyncio.gather(up(), down())
        await asyncio.gather(to_server.wait_closed(), writer.wait_closed())
        self.closed.set_result(None)


# --8<-- [end:proxy]


# --8<-- [start:measure]
async def round_trips(driver: str, ping: bool) -> tuple[int, int]:
    """Of an empty checkout, and of a transaction with one query; the connection is there already."""
    url = make_url(DATABASE_URL)
    wire = Wire(url)
    proxy = await asyncio.start_server(wire.serve, "127.0.0.1", 0)
    port = proxy.sockets[0].getsockname()[1]
    there = url.set(drivername=f"postgresql+{driver}", host="127.0.0.1", port=port, query={})
    engine = create_async_engine(there, pool_pre_ping=ping)
    counts = []
    for statement in ("SELECT 1", "", "", "SELECT 1"):  # The first two connect, and prepare.
        before = wire.round_trips
        async with engine.connect() as connection:
            if statement:
                await connection.execute(text(statement))
        counts.append(wire.round_trips - before)
    await engine.dispose()
    proxy.close()
    await wire.closed
    return counts[2], counts[3]


# --8<-- [end:measure]


async def main() -> None:
    # --8<-- [start:table]
    print("Driver | pool_pre_ping | empty checkout | one query")
    #> Driver | pool_pre_ping | empty checkout | one query
    for driver in ("asyncpg", "psycopg"):
        for ping in (False, True):
            empty, query = await round_trips(driver, ping)
            print(f"{driver} | {ping} | {empty} | {query}")
            #> asyncpg | False | 0 | 3
            #> asyncpg | True | 3 | 6
            #> psycopg | False | 0 | 3
            #> psycopg | True | 1 | 4
    # --8<-- [end:table]


if __name__ == "__main__":
    asyncio.run(main())
