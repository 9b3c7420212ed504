# /// script
# requires-python = ">=3.11"
# dependencies = [
#     "sqlalchemy[asyncio]>=2.0.22", "aiosqlite", "asyncpg", "psycopg[binary]", "fastapi>=0.135", "httpx", "uvicorn",
# ]
# ///
import asyncio
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Annotated

import httpx
import uvicorn
from fastapi import Depends, FastAPI
from fastapi.sse import EventSourceResponse
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column
from starlette.types import Receive, Scope, Send

DATABASE_URL = os.environ.get("DATABASE_URL", "sqlite+aiosqlite:///greenlit.db")


class Base(DeclarativeBase):
    pass


class Order(Base):
    __tablename__ = "orders"

    id: Mapped[int] = mapped_column(primary_key=True)
    state: Mapped[str]


engine = create_async_engine(
    DATABASE_URL,
    pool_size=1,
    max_overflow=0,
    pool_timeout=0.5,
)
session_factory = async_sessionmaker(engine, expire_on_commit=False)
app = FastAPI()
shipped = asyncio.Event()


async def get_session() -> AsyncIterator[AsyncSession]:
    async with session_factory() as session:
        yield session


# --8<-- [start:events]
@app.get("/orders/{order_id}/events", response_class=EventSourceResponse)
async def order_events(order_id: int) -> AsyncIterator[str]:
    async with session_factory() as session:
        state = (await session.get_one(Order, order_id)).state
    yield state
    await shipped.wait()
    yield "shipped"


# --8<-- [end:events]


@app.post("/orders/{order_id}/ship")
async def ship(order_id: int, session: Annotated[AsyncSession, Depends(get_session)]) -> None:
    (await session.get_one(Order, order_id)).state = "shipped"
    await session.commit()


server_log: list[Exception] = []


async def watched(scope: Scope, receive: Receive, send: Send) -> None:
    """The application; what uvicorn would write to its log is kept in a list."""
    try:
        await app(scope, receive, send)
    except Exception as error:
        server_log.append(error)


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


async def main() -> None:
    try:
        async with engine.begin() as connection:
            await connection.run_sync(Base.metadata.drop_all)
            await connection.run_sync(Base.metadata.create_all)
        async with session_factory.begin() as session:
            session.add(Order(id=1, state="paid"))
        # --8<-- [start:ask]
        async with serving() as client, client.stream("GET", "/orders/1/events") as events:
            lines = events.aiter_lines()
            print(await anext(lines))
            #> data: "paid"
            response = await client.post("/orders/1/ship")
            shipped.set()
            rest = [line async for line in lines if line]
        print(f"shipping: {response.status_code}, then {rest}")
        #> shipping: 200, then ['data: "shipped"']
        for error in server_log:
            raise error
        # --8<-- [end:ask]
    finally:
        await engine.dispose()


if __name__ == "__main__":
    asyncio.run(main())
