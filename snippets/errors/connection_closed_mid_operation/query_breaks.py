# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0", "asyncpg", "psycopg[binary]"]
# ///
# drivers: asyncpg, psycopg (SQLite has no connection that could break)
# raises: sqlalchemy.exc.DBAPIError, sqlalchemy.exc.OperationalError
import asyncio
import os
import sys

from sqlalchemy import make_url, text
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

DATABASE_URL = os.environ.get("DATABASE_URL") or sys.exit(
    "needs PostgreSQL: DATABASE_URL=postgresql+asyncpg://user:password@localhost/test"
)

HERE = make_url(DATABASE_URL)
asked = asyncio.Event()
carrying: list[asyncio.Task[None]] = []


# --8<-- [start:report]
async def query(engine: AsyncEngine) -> str:
    async with engine.connect() as connection:
        return str(await connection.scalar(text("SELECT 'done' FROM pg_sleep(1)")))


async def report(engine: AsyncEngine) -> str:
    return await query(engine)


# --8<-- [end:report]


async def proxy(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Stands for what is between you and the database. It cuts the first connection."""
    host, port = HERE.query.get("host", HERE.host), HERE.port or 5432
    if str(host).startswith("/"):
        up_reader, up_writer = await asyncio.open_unix_connection(f"{host}/.s.PGSQL.{port}")
    else:
        up_reader, up_writer = await asyncio.open_connection(str(host), port)
    is_first = not carrying
    ways = [carry(reader, up_writer), carry(up_reader, writer)]
    carrying.extend(map(asyncio.create_task, ways))
    if is_first:
        await asked.wait()
        await asyncio.sleep(0.3)  # The query runs for a second.
    else:
        await asyncio.wait(carrying[-2:])
    up_writer.close()
    writer.close()


async def carry(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    while data := await reader.read(65536):
        writer.write(data)
        if b"pg_sleep" in data:
            asked.set()
    writer.close()
    await writer.wait_closed()


async def main() -> None:
    server = await asyncio.start_server(proxy, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    engine = create_async_engine(HERE.set(host="127.0.0.1", port=port, query={}))
    try:
        # --8<-- [start:call]
        print(await report(engine))
        # --8<-- [end:call]
    finally:
        await engine.dispose()
        server.close()
        await asyncio.gather(*carrying, return_exceptions=True)


if __name__ == "__main__":
    asyncio.run(main())
