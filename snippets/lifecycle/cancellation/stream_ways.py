# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0", "asyncpg", "psycopg[binary]", "fastapi>=0.134", "httpx", "uvicorn"]
# ///
# also: asyncpg==0.31.*, asyncpg==0.30.*, psycopg==3.2.*
# drivers: asyncpg, psycopg (a query of SQLite cannot be cancelled)
# unrecorded: it asks the same four times, and what matters is what is stored
import asyncio
import os
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Annotated

import httpx
import uvicorn
from fastapi import Depends, FastAPI
from sqlalchemy import delete, func, select
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column
from starlette.types import Receive, Scope, Send

DATABASE_URL = os.environ.get("DATABASE_URL") or sys.exit(
    "needs PostgreSQL: DATABASE_URL=postgresql+asyncpg://user:password@localhost/test"
)


class Base(DeclarativeBase):
    pass


class Booking(Base):
    __tablename__ = "bookings"

    id: Mapped[int] = mapped_column(primary_key=True)


engine = create_async_engine(DATABASE_URL)
session_factory = async_sessionmaker(engine, expire_on_commit=False)
app = FastAPI()


async def commit_after_yield() -> AsyncIterator[AsyncSession]:
    async with session_factory() as session:
        yield session
        await session.commit()


async def begin_around_yield() -> AsyncIterator[AsyncSession]:
    async with session_factory.begin() as session:
        yield session


async def two_bookings(session: AsyncSession, when: str) -> AsyncIterator[str]:
    session.add(Booking())
    await session.flush()
    yield "first"
    if when == "between":
        await asyncio.sleep(60)
    await session.execute(select(func.pg_sleep(60)))
    session.add(Booking())
    await session.flush()
    yield "second"


@app.post("/commit/{when}")
async def below_commit(
    when: str, session: Annotated[AsyncSession, Depends(commit_after_yield)]
) -> AsyncIterator[str]:
    async for line in two_bookings(session, when):
        yield line


@app.post("/begin/{when}")
async def below_begin(
    when: str, session: Annotated[AsyncSession, Depends(begin_around_yield)]
) -> AsyncIterator[str]:
    async for line in two_bookings(session, when):
        yield line


NAMES = {"commit": "commit after yield", "begin": "begin() around yield"}
ends: asyncio.Queue[str] = asyncio.Queue()


async def watched(scope: Scope, receive: Receive, send: Send) -> None:
    """The application; how each request ends is kept in a queue."""
    try:
        await app(scope, receive, send)
        ends.put_nowait("no error")
    except Exception as error:
        ends.put_nowait(type(error).__name__)


@asynccontextmanager
async def serving() -> AsyncIterator[httpx.AsyncClient]:
    """A client of a real server on a free port."""
    server = uvicorn.Server(uvicorn.Config(watched, port=0, lifespan="off", log_level="critical"))
    task = asyncio.create_task(server.serve())
    try:
        while not server.started:
            await asyncio.sleep(0.01)
        port = server.servers[0].sockets[0].getsockname()[1]
        async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}") as client:
            yield client
    finally:
        server.should_exit = True
        await task


async def hang_up(client: httpx.AsyncClient, path: str) -> str:
    async with client.stream("POST", path) as response:
        await anext(response.aiter_lines())
    error = await ends.get()
    async with session_factory.begin() as session:
        stored = await session.scalar(select(func.count()).select_from(Booking))
        await session.execute(delete(Booking))
    return f"{stored} of 2 stored, {error}"


async def main() -> None:
    try:
        async with engine.begin() as connection:
            await connection.run_sync(Base.metadata.drop_all)
            await connection.run_sync(Base.metadata.create_all)
        async with serving() as client:
            # --8<-- [start:table]
            print("the dependency | between two queries | during a query")
            #> the dependency | between two queries | during a query
            for name in ("commit", "begin"):
                cells = [await hang_up(client, f"/{name}/{when}") for when in ("between", "during")]
                print(" | ".join([NAMES[name], *cells]))
                #> commit after yield | 1 of 2 stored, no error | 0 of 2 stored, PendingRollbackError
                #> begin() around yield | 1 of 2 stored, no error | 0 of 2 stored, PendingRollbackError
            # --8<-- [end:table]
    finally:
        await engine.dispose()


if __name__ == "__main__":
    asyncio.run(main())
