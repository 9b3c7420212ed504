# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0", "asyncpg", "psycopg[binary]"]
# ///
# drivers: asyncpg, psycopg (SQLite has no server that could fail over)
import asyncio
import os
import sys

from sqlalchemy import make_url, text
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

DATABASE_URL = os.environ.get("DATABASE_URL") or sys.exit(
    "needs PostgreSQL: DATABASE_URL=postgresql+asyncpg://user:password@localhost/test"
)

HERE = make_url(DATABASE_URL)


class Machine:
    """Stands for a machine with a database that can be switched off. All lead to the one server that is here."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.connections: list[asyncio.StreamWriter] = []
        self.tasks: list[asyncio.Task[None]] = []

    async def start(self) -> None:
        self.listening = await asyncio.start_server(self.serve, "127.0.0.1", 0)
        self.port = self.listening.sockets[0].getsockname()[1]

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        host, port = HERE.query.get("host", HERE.host), HERE.port or 5432
        if str(host).startswith("/"):
            from_server, to_server = await asyncio.open_unix_connection(f"{host}/.s.PGSQL.{port}")
        else:
            from_server, to_server = await asyncio.open_connection(str(host), port)
        connected.append(self.name)
        self.connections += [writer, to_server]
        ways = [carry(reader, to_server), carry(from_server, writer)]
        self.tasks += [asyncio.create_task(way) for way in ways]

    async def stop(self) -> None:
        self.listening.close()
        for connection in self.connections:
            connection.close()
        await asyncio.gather(*self.tasks, return_exceptions=True)


async def carry(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    while data := await reader.read(65536):
        writer.write(data)
    writer.close()
    await writer.wait_closed()


first, second = Machine("first"), Machine("second")
connected: list[str] = []


# --8<-- [start:request]
async def request(engine: AsyncEngine) -> str:
    connected.clear()
    async with engine.connect() as connection:
        await connection.execute(text("SELECT 1"))
    return f"a new connection to the {connected[0]}" if connected else "the connection that was there"


# --8<-- [end:request]


async def main() -> None:
    await first.start()
    await second.start()
    anywhere = HERE.set(host=None, port=None, query={}).render_as_string(hide_password=False)
    # --8<-- [start:engine]
    url = f"{anywhere}?host=127.0.0.1:{first.port}&host=127.0.0.1:{second.port}"
    engine = create_async_engine(url, pool_pre_ping=True)
    # --8<-- [end:engine]
    try:
        # --8<-- [start:requests]
        print(await request(engine))
        #> a new connection to the first
        print(await request(engine))
        #> the connection that was there
        await first.stop()
        print(await request(engine))
        #> a new connection to the second
        print(await request(engine))
        #> the connection that was there
        # --8<-- [end:requests]
    finally:
        await engine.dispose()
        await first.stop()
        await second.stop()


if __name__ == "__main__":
    asyncio.run(main())
