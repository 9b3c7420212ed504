# /// script
# requires-python = ">=3.11"
# dependencies = [
#     "sqlalchemy[asyncio]>=2.0", "aiosqlite", "asyncpg", "psycopg[binary]", "fastapi>=0.121", "httpx", "uvicorn",
# ]
# ///
# raises: AssertionError
# silent: the client has a 201 for an order that its next request does not find
import asyncio
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Annotated

import httpx
import uvicorn
from fastapi import Depends, FastAPI, HTTPException
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column
from starlette.types import Message, Receive, Scope, Send

DATABASE_URL = os.environ.get("DATABASE_URL", "sqlite+aiosqlite:///greenlit.db")


class Base(DeclarativeBase):
    pass


class Order(Base):
    __tablename__ = "orders"

    id: Mapped[int] = mapped_column(primary_key=True)
    item: Mapped[str]


engine = create_async_engine(DATABASE_URL)
session_factory = async_sessionmaker(engine, expire_on_commit=False)
app = FastAPI()
client_has_asked_again = asyncio.Event()


# --8<-- [start:dependency]
async def get_session() -> AsyncIterator[AsyncSession]:
    async with session_factory() as session:
        yield session
        await session.commit()


SessionDep = Annotated[AsyncSession, Depends(get_session)]
# --8<-- [end:dependency]


@app.post("/orders", status_code=201)
async def create_order(item: str, session: SessionDep) -> int:
    order = Order(item=item)
    session.add(order)
    await session.flush()
    return order.id


@app.get("/orders/{order_id}")
async def read_order(order_id: int, session: SessionDep) -> str:
    order = await session.get(Order, order_id)
    if order is None:
        raise HTTPException(404)
    return order.item


async def app_of_a_busy_server(scope: Scope, receive: Receive, send: Send) -> None:
    """The application, which goes on after its last byte when the client has asked again."""

    async def slow_send(message: Message) -> None:
        await send(message)
        if message["type"] == "http.response.body":
            await asyncio.wait_for(client_has_asked_again.wait(), timeout=30)

    await app(scope, receive, slow_send)


@asynccontextmanager
async def serving() -> AsyncIterator[httpx.AsyncClient]:
    """A client of a real server on a free port."""
    server = uvicorn.Server(uvicorn.Config(app_of_a_busy_server, port=0, lifespan="off", log_level="critical"))
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
            created = await client.post("/orders", params={"item": "kettle"})
            read = await client.get(f"/orders/{created.json()}")
            client_has_asked_again.set()
        print(f"POST: {created.status_code}, then GET: {read.status_code}")
        #> POST: 201, then GET: 404
        assert read.status_code == 200, "the order is not there yet"
        # --8<-- [end:client]
    finally:
        await engine.dispose()


if __name__ == "__main__":
    asyncio.run(main())
