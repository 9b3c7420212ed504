# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0.22", "aiosqlite", "asyncpg", "psycopg[binary]", "fastapi", "uvicorn", "anyio"]
# ///
# also: asyncpg==0.31.*, asyncpg==0.30.*, psycopg==3.2.*
import asyncio
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import anyio
import uvicorn
from fastapi import FastAPI
from fastapi.responses import StreamingResponse
from sqlalchemy.ext.asyncio import async_sessionmaker, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

DATABASE_URL = os.environ.get("DATABASE_URL", "sqlite+aiosqlite:///greenlit.db")


class Base(DeclarativeBase):
    pass


class Export(Base):
    __tablename__ = "exports"

    id: Mapped[int] = mapped_column(primary_key=True)
    state: Mapped[str] = mapped_column(default="running")


# --8<-- [start:engine]
engine = create_async_engine(DATABASE_URL, pool_size=1, max_overflow=0)
# --8<-- [end:engine]
session_factory = async_sessionmaker(engine)
app = FastAPI()
begun, over = asyncio.Event(), asyncio.Event()


# --8<-- [start:endpoint]
async def lines(number: int) -> AsyncIterator[str]:
    try:
        async with session_factory() as session:
            export = await session.get_one(Export, number)
            yield f"export {export.id}\n"
            begun.set()
            await asyncio.sleep(60)  # Stands for slow work, during which the client hangs up.
            yield "end\n"
    except asyncio.CancelledError:
        with anyio.CancelScope(shield=True):
            await mark_stopped(number)
        raise
    finally:
        over.set()


async def mark_stopped(number: int) -> None:
    async with session_factory.begin() as session:
        export = await session.get_one(Export, number)
        export.state = "stopped"


@app.get("/exports/{number}")
async def read_export(number: int) -> StreamingResponse:
    return StreamingResponse(lines(number))


# --8<-- [end:endpoint]


async def client_that_hangs_up(port: int) -> None:
    _, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(b"GET /exports/1 HTTP/1.1\r\nHost: localhost\r\n\r\n")
    await begun.wait()
    writer.close()
    await writer.wait_closed()


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
            session.add(Export(id=1))
        # --8<-- [start:proof]
        async with serving() as port:
            await client_that_hangs_up(port)
            await over.wait()
        async with session_factory() as session:
            export = await session.get_one(Export, 1)
            print(f"the client has gone, the export is {export.state}")
            #> the client has gone, the export is stopped
        # --8<-- [end:proof]
    finally:
        await engine.dispose()


if __name__ == "__main__":
    asyncio.run(main())
