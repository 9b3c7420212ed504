# /// script
# requires-python = ">=3.11"
# dependencies = [
#     "sqlalchemy[asyncio]>=2.0.22", "aiosqlite", "asyncpg", "psycopg[binary]", "fastapi>=0.121", "httpx",
# ]
# ///
import asyncio
import os
from collections.abc import AsyncIterator
from typing import Annotated

import httpx
from fastapi import Depends, FastAPI, WebSocket
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column
from starlette.types import Message

DATABASE_URL = os.environ.get("DATABASE_URL", "sqlite+aiosqlite:///greenlit.db")


class Base(DeclarativeBase):
    pass


class Price(Base):
    __tablename__ = "prices"

    item: Mapped[str] = mapped_column(primary_key=True)
    cents: Mapped[int]


engine = create_async_engine(DATABASE_URL)
session_factory = async_sessionmaker(engine, expire_on_commit=False)
app = FastAPI()


async def get_session() -> AsyncIterator[AsyncSession]:
    async with session_factory() as session:
        yield session


SessionDep = Annotated[AsyncSession, Depends(get_session, scope="function")]


# --8<-- [start:clients]
clients: list[asyncio.Queue[str]] = []


async def broadcast(line: str) -> None:
    for client in clients:
        client.put_nowait(line)


@app.websocket("/prices")
async def prices(websocket: WebSocket) -> None:
    await websocket.accept()
    queue: asyncio.Queue[str] = asyncio.Queue()
    clients.append(queue)
    try:
        while True:
            await websocket.send_text(await queue.get())
    finally:
        clients.remove(queue)


# --8<-- [end:clients]


# --8<-- [start:endpoint]
@app.put("/prices/{item}")
async def set_price(item: str, cents: int, session: SessionDep) -> None:
    await session.merge(Price(item=item, cents=cents))
    await session.commit()
    await broadcast(f"{item}: {cents}")


# --8<-- [end:endpoint]


class Browser:
    """A WebSocket client without a network. If it is slow, `send` waits, as a server's does for a full buffer."""

    def __init__(self, slow: bool = False) -> None:
        self.slow, self.stuck, self.ready = slow, asyncio.Event(), asyncio.Event()
        self.messages: list[str] = []
        scope = {"type": "websocket", "path": "/prices", "headers": [], "query_string": b""}
        self.events: asyncio.Queue[Message] = asyncio.Queue()
        self.events.put_nowait({"type": "websocket.connect"})
        self.connection = asyncio.ensure_future(app(scope, self.events.get, self.send))

    async def send(self, message: Message) -> None:
        self.ready.set()
        if "text" in message:
            if self.slow:
                self.stuck.set()
                await asyncio.Event().wait()
            self.messages.append(message["text"])


async def all_others_have_run() -> None:
    for _ in range(100):
        await asyncio.sleep(0)


async def main() -> None:
    try:
        async with engine.begin() as connection:
            await connection.run_sync(Base.metadata.drop_all)
            await connection.run_sync(Base.metadata.create_all)
        # --8<-- [start:put]
        ada, bob, cleo = Browser(), Browser(slow=True), Browser()
        for browser in ada, bob, cleo:
            await browser.ready.wait()
        transport = httpx.ASGITransport(app)
        async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
            asking = asyncio.create_task(client.put("/prices/desk?cents=19900"))
            await bob.stuck.wait()
            await all_others_have_run()
            print("answered:", asking.done(), "Ada:", ada.messages, "Cleo:", cleo.messages)
            #> answered: True Ada: ['desk: 19900'] Cleo: ['desk: 19900']
        # --8<-- [end:put]
            ends = [asking, *(browser.connection for browser in (ada, bob, cleo))]
            for task in ends:
                task.cancel()
            await asyncio.wait(ends)
    finally:
        await engine.dispose()


if __name__ == "__main__":
    asyncio.run(main())
