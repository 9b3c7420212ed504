# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0.22", "aiosqlite", "asyncpg", "psycopg[binary]", "fastapi", "uvicorn"]
# ///
# also: asyncpg==0.31.*, asyncpg==0.30.*, psycopg==3.2.*
import asyncio
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import uvicorn
from fastapi import FastAPI, Request
from sqlalchemy.ext.asyncio import async_sessionmaker, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

DATABASE_URL = os.environ.get("DATABASE_URL", "sqlite+aiosqlite:///greenlit.db")


class Base(DeclarativeBase):
    pass


class Invoice(Base):
    __tablename__ = "invoices"

    id: Mapped[int] = mapped_column(primary_key=True)
    state: Mapped[str] = mapped_column(default="open")


engine = create_async_engine(DATABASE_URL)
session_factory = async_sessionmaker(engine)
app = FastAPI()
arrived, gone, done = asyncio.Event(), asyncio.Event(), asyncio.Event()


# --8<-- [start:endpoint]
@app.post("/invoices/{number}/pay")
async def pay(number: int, request: Request) -> None:
    async with session_factory() as session:
        invoice = await session.get_one(Invoice, number)
        invoice.state = "paid"
        arrived.set()
        await gone.wait()
        if not await request.is_disconnected():
            await session.commit()
    done.set()


# --8<-- [end:endpoint]


async def client_that_hangs_up(port: int) -> None:
    _, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(b"POST /invoices/1/pay HTTP/1.1\r\nHost: localhost\r\nContent-Length: 0\r\n\r\n")
    await arrived.wait()
    writer.close()
    await writer.wait_closed()
    await asyncio.sleep(0.3)  # The server has read the end of the connection by now.
    gone.set()


@asynccontextmanager
async def serving() -> AsyncIterator[int]:
    """A real server on a free port."""
    server = uvicorn.Server(uvicorn.Config(app, port=0, log_level="critical"))
    task = asyncio.create_task(server.serve())
    try:
        while not server.started:
            await asyncio.sleep(0.01)
        yield server.servers[0].sockets[0].getsockname()[1]
    finally:
        server.should_exit = True
        await task


async def main() -> None:
    try:
        async with engine.begin() as connection:
            await connection.run_sync(Base.metadata.drop_all)
            await connection.run_sync(Base.metadata.create_all)
        async with session_factory.begin() as session:
            session.add(Invoice(id=1))
        # --8<-- [start:proof]
        async with serving() as port:
            await client_that_hangs_up(port)
            await done.wait()
        async with session_factory() as session:
            invoice = await session.get_one(Invoice, 1)
            print(f"the client has gone, the invoice is {invoice.state}")
            #> the client has gone, the invoice is open
        # --8<-- [end:proof]
    finally:
        await engine.dispose()


if __name__ == "__main__":
    asyncio.run(main())
