# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0.38", "asyncpg", "psycopg[binary]"]
# ///
# drivers: asyncpg, psycopg (SQLite has no server)
import asyncio
import os
import sys
import traceback
from collections.abc import Awaitable, Callable

from sqlalchemy import make_url, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

DATABASE_URL = os.environ.get("DATABASE_URL") or sys.exit(
    "needs PostgreSQL: DATABASE_URL=postgresql+asyncpg://user:password@localhost/test"
)

HERE = make_url(DATABASE_URL)


class Address:
    """A port in front of the server. Whoever serves it can go away, and another can take it over."""

    port = 0

    async def up(self) -> None:
        self.open: list[asyncio.StreamWriter] = []
        self.listening = await asyncio.start_server(self.serve, "127.0.0.1", self.port, reuse_address=True)
        self.port = self.listening.sockets[0].getsockname()[1]

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        host, port = HERE.query.get("host", HERE.host), HERE.port or 5432
        if str(host).startswith("/"):
            from_server, to_server = await asyncio.open_unix_connection(f"{host}/.s.PGSQL.{port}")
        else:
            from_server, to_server = await asyncio.open_connection(str(host), port)
        self.open += [writer, to_server]
        await asyncio.gather(carry(reader, to_server), carry(from_server, writer), return_exceptions=True)

    async def down(self) -> None:
        self.listening.close()
        for writer in self.open:
            writer.close()

    def engine(self) -> AsyncEngine:
        url = HERE.set(host="127.0.0.1", port=self.port, query={})
        return create_async_engine(url, pool_pre_ping=True)


async def carry(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    while data := await reader.read(65536):
        writer.write(data)
    writer.close()


async def one(engine: AsyncEngine) -> int:
    async with engine.connect() as connection:
        return int(await connection.scalar(text("SELECT 1")) or 0)


async def claim_the_address_moves(engine: AsyncEngine) -> None:
    """With `pool_pre_ping=True`, a request succeeds if the old connections were closed and the address in the URL answers again."""
    address = Address()
    await address.up()
    moved = address.engine()
    assert await one(moved) == 1
    await address.down()
    error = None
    try:
        await one(moved)
    except (DBAPIError, OSError) as raised:
        error = raised
    assert error is not None, "another server answered already"
    await address.up()
    assert await one(moved) == 1
    await moved.dispose()
    await address.down()


async def claim_while_you_hold_it(engine: AsyncEngine) -> None:
    """`pool_pre_ping` does not help a request whose connection dies between two of its statements: it gets an error."""
    pinging = create_async_engine(DATABASE_URL, pool_pre_ping=True)
    assert await one(pinging) == 1
    error = None
    async with pinging.connect() as connection:
        pid = await connection.scalar(text("SELECT pg_backend_pid()"))
        async with engine.connect() as admin:
            await admin.execute(text("SELECT pg_terminate_backend(:pid, 5000)"), {"pid": pid})
        try:
            await connection.execute(text("SELECT 1"))
        except DBAPIError as raised:
            error = raised
    assert error is not None, "the statement was answered"
    assert error.connection_invalidated
    await pinging.dispose()


async def claim_no_limit_by_default(engine: AsyncEngine) -> None:
    """PostgreSQL's own limit for idle connections, `idle_session_timeout`, is off by default."""
    async with engine.connect() as connection:
        default = text("SELECT boot_val FROM pg_settings WHERE name = 'idle_session_timeout'")
        assert await connection.scalar(default) == "0"


async def claim_keepalives_setting(engine: AsyncEngine) -> None:
    """`connect_args={"keepalives_idle": 60}` is accepted."""
    keeping = create_async_engine(DATABASE_URL, connect_args={"keepalives_idle": 60})
    assert await one(keeping) == 1
    await keeping.dispose()


async def reason_against(claim: Callable[[AsyncEngine], Awaitable[None]]) -> str:
    """Why a claim does not hold here, or nothing."""
    engine = create_async_engine(DATABASE_URL)
    try:
        await claim(engine)
    except Exception as error:
        line = traceback.extract_tb(error.__traceback__)[-1].line
        return f"{type(error).__name__}: {str(error).partition(chr(10))[0] or line}"
    finally:
        await engine.dispose()
    return ""


async def main() -> None:
    for name, claim in list(globals().items()):
        if name.startswith("claim_"):
            sentence, against = " ".join(claim.__doc__.split()), await reason_against(claim)
            print(f"does not hold: {sentence} ({against})" if against else f"holds: {sentence}")


if __name__ == "__main__":
    asyncio.run(main())
