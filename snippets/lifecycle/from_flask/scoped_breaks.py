# /// script
# requires-python = ">=3.11"
# dependencies = [
#     "sqlalchemy[asyncio]>=2.0", "aiosqlite", "asyncpg", "psycopg[binary]", "fastapi", "httpx", "uvicorn",
# ]
# ///
# raises: AssertionError
# leaks: remove() runs in another task than the endpoint, and finds no session there
import asyncio
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import httpx
import uvicorn
from fastapi import FastAPI, Request, Response
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import async_scoped_session, async_sessionmaker, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column
from starlette.middleware import Middleware
from starlette.middleware.base import BaseHTTPMiddleware, RequestResponseEndpoint

DATABASE_URL = os.environ.get("DATABASE_URL", "sqlite+aiosqlite:///greenlit.db")


class Base(DeclarativeBase):
    pass


class Order(Base):
    __tablename__ = "orders"

    id: Mapped[int] = mapped_column(primary_key=True)


engine = create_async_engine(DATABASE_URL, pool_size=1, max_overflow=0, pool_timeout=0.2)
# --8<-- [start:session]
session_factory = async_sessionmaker(engine, expire_on_commit=False)
db_session = async_scoped_session(session_factory, scopefunc=asyncio.current_task)


async def remove_session(request: Request, call_next: RequestResponseEndpoint) -> Response:
    try:
        return await call_next(request)
    finally:
        await db_session.remove()


app = FastAPI(middleware=[Middleware(BaseHTTPMiddleware, dispatch=remove_session)])


@app.get("/orders")
async def count_orders() -> int:
    return await db_session.scalar(select(func.count(Order.id))) or 0


# --8<-- [end:session]


@asynccontextmanager
async def serving() -> AsyncIterator[httpx.AsyncClient]:
    """A client of a real server on a free port."""
    server = uvicorn.Server(uvicorn.Config(app, port=0, log_level="critical"))
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


async def main() -> None:
    try:
        async with engine.begin() as connection:
            await connection.run_sync(Base.metadata.drop_all)
            await connection.run_sync(Base.metadata.create_all)
        # --8<-- [start:client]
        async with serving() as client:
            first = await client.get("/orders")
            second = await client.get("/orders")
        print(f"{first.status_code}, then {second.status_code}")
        #> 200, then 500
        assert second.status_code == 200, "the first request kept its connection"
        # --8<-- [end:client]
    finally:
        await engine.dispose()


if __name__ == "__main__":
    asyncio.run(main())
