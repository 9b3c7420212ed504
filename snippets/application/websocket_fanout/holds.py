# /// script
# requires-python = ">=3.11"
# dependencies = [
#     "sqlalchemy[asyncio]>=2.0.22", "aiosqlite", "asyncpg", "psycopg[binary]", "fastapi>=0.121",
# ]
# ///
# unrecorded: twenty clients send the same statements, and its ledger would have a row for each
import asyncio
import os
from collections.abc import Iterator
from contextlib import contextmanager

from fastapi import FastAPI, WebSocket
from sqlalchemy import select
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.ext.asyncio import async_sessionmaker, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column
from sqlalchemy.pool import AsyncAdaptedQueuePool
from starlette.types import Message

DATABASE_URL = os.environ.get("DATABASE_URL", "sqlite+aiosqlite:///greenlit.db")


class Base(DeclarativeBase):
    pass


class Price(Base):
    __tablename__ = "prices"

    item: Mapped[str] = mapped_column(primary_key=True)
    cents: Mapped[int]


engine = create_async_engine(DATABASE_URL, pool_timeout=0.1)
session_factory = async_sessionmaker(engine, expire_on_commit=False)
app = FastAPI()
queues: set[asyncio.Queue[str]] = set()


@contextmanager
def subscription() -> Iterator[asyncio.Queue[str]]:
    queue: asyncio.Queue[str] = asyncio.Queue()
    queues.add(queue)
    yield queue
    queues.discard(queue)


# --8<-- [start:socket]
@app.websocket("/prices/{item}")
async def prices(websocket: WebSocket, item: str) -> None:
    await websocket.accept()
    with subscription() as changes:
        async with session_factory() as session:
            cents = await session.scalar(select(Price.cents).where(Price.item == item))
        await websocket.send_text(f"{item}: {cents}")
        while True:
            await websocket.send_text(await changes.get())


# --8<-- [end:socket]


class Browser:
    """A WebSocket client that hands its messages to the application without a network."""

    def __init__(self) -> None:
        self.messages: list[str] = []
        self.answered = asyncio.Event()
        scope = {"type": "websocket", "path": "/prices/desk", "headers": [], "query_string": b""}
        self.connection = asyncio.ensure_future(app(scope, self.receive, self.send))
        self.connection.add_done_callback(lambda _: self.answered.set())

    async def receive(self) -> Message:
        return {"type": "websocket.connect"}

    async def send(self, message: Message) -> None:
        if "text" in message:
            self.messages.append(message["text"])
            self.answered.set()


async def main() -> None:
    try:
        async with engine.begin() as connection:
            await connection.run_sync(Base.metadata.drop_all)
            await connection.run_sync(Base.metadata.create_all)
        async with session_factory.begin() as session:
            session.add(Price(item="desk", cents=19900))
        assert isinstance(engine.pool, AsyncAdaptedQueuePool)
        # --8<-- [start:count]
        browsers = []
        for _ in range(20):
            browsers.append(Browser())
            await browsers[-1].answered.wait()
        served = [browser for browser in browsers if browser.messages]
        print(f"{len(served)} of 20 clients have a price, {engine.pool.checkedout()} connections are out")
        #> 20 of 20 clients have a price, 0 connections are out
        # --8<-- [end:count]
        for browser in browsers:
            browser.connection.cancel()
        ends = await asyncio.gather(*(browser.connection for browser in browsers), return_exceptions=True)
        print(sum(isinstance(end, PoolTimeout) for end in ends), "times QueuePool limit reached")
        #> 0 times QueuePool limit reached
    finally:
        await engine.dispose()


if __name__ == "__main__":
    asyncio.run(main())
