# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0.22", "asyncpg", "fastapi>=0.121", "httpx"]
# ///
# drivers: asyncpg (it is about asyncpg's add_listener)
# unrecorded: the listener, the server and twenty clients run at once
import asyncio
import os
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from typing import Annotated, Any, TypedDict

import asyncpg
import httpx
from fastapi import Depends, FastAPI, WebSocket, WebSocketDisconnect
from fastapi.requests import HTTPConnection
from sqlalchemy import event, func, make_url, select, text
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, async_sessionmaker, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column
from sqlalchemy.pool import AsyncAdaptedQueuePool
from starlette.types import Message

DATABASE_URL = os.environ.get("DATABASE_URL") or sys.exit(
    "needs PostgreSQL: DATABASE_URL=postgresql+asyncpg://user:password@localhost/test"
)
DSN = make_url(DATABASE_URL).set(drivername="postgresql").render_as_string(hide_password=False)
Queue = asyncio.Queue[str | None]
Sessions = async_sessionmaker[AsyncSession]


class Base(DeclarativeBase):
    pass


class Price(Base):
    __tablename__ = "prices"

    item: Mapped[str] = mapped_column(primary_key=True)
    cents: Mapped[int]


class Clients:
    def __init__(self) -> None:
        self.queues: set[Queue] = set()

    @contextmanager
    def connected(self) -> Iterator[Queue]:
        queue = Queue(maxsize=100)
        self.queues.add(queue)
        try:
            yield queue
        finally:
            self.queues.discard(queue)

    def broadcast(self, line: str) -> None:
        for queue in list(self.queues):
            if queue.full():
                self.drop(queue)
            else:
                queue.put_nowait(line)

    def drop(self, queue: Queue) -> None:
        self.queues.discard(queue)
        while not queue.empty():
            queue.get_nowait()
        queue.put_nowait(None)

    def drop_all(self) -> None:
        for queue in list(self.queues):
            self.drop(queue)


clients = Clients()


# --8<-- [start:listener]
async def listen_for_ever(session_factory: Sessions) -> None:
    while True:
        try:
            connection = await asyncpg.connect(DSN)
            try:
                await listen(connection, session_factory)
            finally:
                await connection.close()
        except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError, SQLAlchemyError):
            pass
        await pause()  # In your application: asyncio.sleep, longer each time.


async def listen(connection: Any, session_factory: Sessions) -> None:
    changed = Queue()
    connection.add_termination_listener(lambda _: changed.put_nowait(None))
    await connection.add_listener("prices", lambda *event: changed.put_nowait(event[-1]))
    clients.drop_all()  # What the listener has missed, they read when they connect again.
    while (item := await changed.get()) is not None:
        async with session_factory() as session:
            cents = await session.scalar(select(Price.cents).where(Price.item == item))
        clients.broadcast(f"{item}: {cents}")


# --8<-- [end:listener]
back = asyncio.Event()


async def pause() -> None:
    await back.wait()


class State(TypedDict):
    session_factory: Sessions


statements: list[str] = []


def count_statements(engine: AsyncEngine) -> None:
    @event.listens_for(engine.sync_engine, "before_cursor_execute")
    def note(connection: Any, cursor: Any, statement: str, *rest: Any) -> None:
        statements.append(statement)


# --8<-- [start:lifespan]
@asynccontextmanager
async def lifespan(app: FastAPI) -> AsyncIterator[State]:
    engine = create_async_engine(DATABASE_URL)
    count_statements(engine)
    session_factory = async_sessionmaker(engine, expire_on_commit=False, close_resets_only=False)
    listening = asyncio.create_task(listen_for_ever(session_factory))
    try:
        yield {"session_factory": session_factory}
    finally:
        listening.cancel()
        await asyncio.wait([listening])
        await engine.dispose()


# --8<-- [end:lifespan]
app = FastAPI(lifespan=lifespan)


async def get_session(connection: HTTPConnection) -> AsyncIterator[AsyncSession]:
    async with connection.state.session_factory() as session:
        yield session
        await session.commit()


SessionDep = Annotated[AsyncSession, Depends(get_session, scope="function")]


# --8<-- [start:put]
@app.put("/prices/{item}")
async def set_price(item: str, cents: int, session: SessionDep) -> None:
    await session.merge(Price(item=item, cents=cents))
    await session.execute(select(func.pg_notify("prices", item)))


# --8<-- [end:put]


# --8<-- [start:socket]
@app.websocket("/prices")
async def prices(websocket: WebSocket) -> None:
    await websocket.accept()
    async with asyncio.TaskGroup() as group:
        sending = group.create_task(send_prices(websocket))
        async for _ in websocket.iter_text():
            pass  # Ends when the client has left.
        sending.cancel()


# --8<-- [end:socket]


# --8<-- [start:send]
async def send_prices(websocket: WebSocket) -> None:
    with suppress(WebSocketDisconnect), clients.connected() as queue:
        async with websocket.state.session_factory() as session:
            rows = (await session.scalars(select(Price).order_by(Price.item))).all()
        for price in rows:
            await websocket.send_text(f"{price.item}: {price.cents}")
        while (line := await queue.get()) is not None:
            await websocket.send_text(line)
        await websocket.close(1013)


# --8<-- [end:send]


class Browser:
    """A WebSocket client that hands its messages to the application without a network."""

    def __init__(self, state: State) -> None:
        self.lines: list[str] = []
        self.news, self.reads, self.closed = asyncio.Event(), asyncio.Event(), asyncio.Event()
        self.reads.set()
        self.events: asyncio.Queue[Message] = asyncio.Queue()
        self.events.put_nowait({"type": "websocket.connect"})
        scope = {"type": "websocket", "path": "/prices", "headers": [], "query_string": b"", "state": dict(state)}
        self.connection = asyncio.ensure_future(app(scope, self.events.get, self.send))

    async def send(self, message: Message) -> None:
        if "text" in message:
            self.lines.append(message["text"])
            self.news.set()
            await self.reads.wait()
        if message["type"] == "websocket.close":
            self.lines.append(f"closed with {message['code']}")
            self.closed.set()
            self.leave()

    def leave(self) -> None:
        self.events.put_nowait({"type": "websocket.disconnect", "code": 1000})

    async def has(self, *lines: str) -> None:
        while not set(lines) <= set(self.lines):
            self.news.clear()
            await self.news.wait()


@asynccontextmanager
async def running() -> AsyncIterator[tuple[State, httpx.AsyncClient]]:
    """The application between start-up and shutdown, and a client of it, without a network."""
    async with app.router.lifespan_context(app) as state:

        async def with_state(scope: Any, receive: Any, send: Any) -> None:
            await app({**scope, "state": dict(state or {})}, receive, send)

        async with httpx.AsyncClient(transport=httpx.ASGITransport(with_state), base_url="http://test") as client:
            yield state, client  # type: ignore[misc]


LISTENERS = (
    "FROM pg_stat_activity WHERE query LIKE 'LISTEN%prices%' AND state = 'idle' AND datname = current_database()"
)


async def count_listeners(session_factory: Sessions) -> int:
    async with session_factory() as session:
        return await session.scalar(text(f"SELECT count(*) {LISTENERS}")) or 0


async def until_it_listens(session_factory: Sessions) -> None:
    while not await count_listeners(session_factory):
        await asyncio.sleep(0.01)


async def end_listener(session_factory: Sessions) -> None:
    async with session_factory() as session:
        await session.execute(text(f"SELECT pg_terminate_backend(pid, 10000) {LISTENERS}"))


async def main() -> None:
    engine = create_async_engine(DATABASE_URL)
    try:
        async with engine.begin() as connection:
            await connection.run_sync(Base.metadata.drop_all)
            await connection.run_sync(Base.metadata.create_all)
        observer = async_sessionmaker(engine)
        async with running() as (state, client):
            await until_it_listens(observer)
            pool = state["session_factory"].kw["bind"].pool
            assert isinstance(pool, AsyncAdaptedQueuePool)
            # --8<-- [start:count]
            await client.put("/prices/desk?cents=100")
            browsers = [Browser(state) for _ in range(20)]
            for browser in browsers:
                await browser.has("desk: 100")
            statements.clear()
            for cents in 101, 102, 103:
                await client.put(f"/prices/desk?cents={cents}")
                await browsers[0].has(f"desk: {cents}")
            for browser in browsers:
                await browser.has("desk: 103")
            reads = [sent for sent in statements if sent.startswith("SELECT prices.cents \n")]
            print(f"{len(reads)} reads of the listener, {pool.checkedout()} connections out")
            #> 3 reads of the listener, 0 connections out
            print(f"{await count_listeners(observer)} connection listens, {len(browsers)} clients have 103")
            #> 1 connection listens, 20 clients have 103
            # --8<-- [end:count]
            # --8<-- [start:between]
            late = Browser(state)
            late.reads.clear()
            await late.has("desk: 103")
            await client.put("/prices/desk?cents=104")
            await browsers[0].has("desk: 104")
            late.reads.set()
            await all_others_have_run()
            print(late.lines)
            #> ['desk: 103', 'desk: 104']
            # --8<-- [end:between]
            # --8<-- [start:lost]
            await end_listener(observer)
            await client.put("/prices/desk?cents=105")
            back.set()
            await browsers[0].closed.wait()
            again = Browser(state)
            await again.has("desk: 105")
            print(browsers[0].lines[-2:], again.lines)
            #> ['desk: 104', 'closed with 1013'] ['desk: 105']
            # --8<-- [end:lost]
            # --8<-- [start:leave]
            await all_others_have_run()
            before = len(clients.queues)
            again.leave()
            await again.connection
            print(f"queues: {before}, and {len(clients.queues)} when the client has left")
            #> queues: 1, and 0 when the client has left
            # --8<-- [end:leave]
            late.leave()
            await asyncio.wait([late.connection, *(browser.connection for browser in browsers)])
    finally:
        await engine.dispose()


async def all_others_have_run() -> None:
    for _ in range(100):
        await asyncio.sleep(0)


if __name__ == "__main__":
    asyncio.run(main())
