# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0", "asyncpg", "psycopg[binary]"]
# ///
# drivers: asyncpg, psycopg (SQLite has no server)
# unrecorded: how often it has to ask depends on the machine
import asyncio
import os
import socket
import sys

from sqlalchemy import make_url, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

DATABASE_URL = os.environ.get("DATABASE_URL") or sys.exit(
    "needs PostgreSQL: DATABASE_URL=postgresql+asyncpg://user:password@localhost/test"
)

HERE = make_url(DATABASE_URL)
TOO_EARLY = b"SFATAL\0VFATAL\0C57P03\0Mthe database system is starting up\0\0"
not_yet: list[Exception] = []
carrying: list[asyncio.Task[None]] = []


# --8<-- [start:start]
async def connect(engine: AsyncEngine) -> None:
    async with engine.connect() as connection:
        await connection.execute(text("SELECT 1"))


async def start(engine: AsyncEngine) -> None:
    for _ in range(100):
        try:
            return await connect(engine)
        except (OSError, DBAPIError) as error:
            not_yet.append(error)
            await asyncio.sleep(0.3)
    await connect(engine)  # Now with its error.


# --8<-- [end:start]


async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Turns the first client away as a starting PostgreSQL does, and passes the others on."""
    if not carrying:
        while int.from_bytes(await reader.readexactly(4)) == 8:  # "May I encrypt?"
            await reader.readexactly(4)
            writer.write(b"N")
        writer.write(b"E" + (len(TOO_EARLY) + 4).to_bytes(4) + TOO_EARLY)
        carrying.append(asyncio.create_task(asyncio.sleep(0)))
        return writer.close()
    host, port = HERE.query.get("host", HERE.host), HERE.port or 5432
    if str(host).startswith("/"):
        up_reader, up_writer = await asyncio.open_unix_connection(f"{host}/.s.PGSQL.{port}")
    else:
        up_reader, up_writer = await asyncio.open_connection(str(host), port)
    ways = [carry(reader, up_writer), carry(up_reader, writer)]
    carrying.extend(map(asyncio.create_task, ways))
    await asyncio.wait(carrying)


async def carry(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    while data := await reader.read(65536):
        writer.write(data)
    writer.close()
    await writer.wait_closed()


async def database_that_comes_up_later(reserved: socket.socket) -> asyncio.Server:
    await asyncio.sleep(0.5)
    return await asyncio.start_server(answer, sock=reserved)


async def main() -> None:
    reserved = socket.socket()
    reserved.bind(("127.0.0.1", 0))
    engine = create_async_engine(HERE.set(host="127.0.0.1", port=reserved.getsockname()[1], query={}))
    later = asyncio.create_task(database_that_comes_up_later(reserved))
    try:
        await start(engine)
        # --8<-- [start:up]
        last = str(not_yet[-1]).splitlines()[0]
        print("at last:", last[last.index("the database") :])
        #> at last: the database system is starting up
        print("the application has started")
        #> the application has started
        # --8<-- [end:up]
    finally:
        await engine.dispose()
        server = await later
        server.close()
        await asyncio.gather(*carrying, return_exceptions=True)


if __name__ == "__main__":
    asyncio.run(main())
