# /// script
# requires-python = ">=3.11"
# dependencies = [
#     "sqlalchemy[asyncio]>=2.0", "aiosqlite", "asyncpg", "psycopg[binary]", "fastapi", "httpx", "uvicorn",
# ]
# ///
import asyncio
import os
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import httpx
import uvicorn
from fastapi import BackgroundTasks, FastAPI, Request, Response
from sqlalchemy import event
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
timeline: list[str] = []


def note(what: str) -> None:
    timeline.append(what)


for name, what in {
    "checkout": "connection taken",
    "begin": "transaction begins",
    "commit": "transaction commits",
    "checkin": "connection returned",
}.items():
    event.listen(engine.sync_engine, name, lambda *_, what=what: note(what))


@app.middleware("http")
async def one_transaction(
    request: Request, call_next: Callable[[Request], Awaitable[Response]]
) -> Response:
    async with session_factory() as session:
        note("session opens")
        request.state.session = session
        response = await call_next(request)
        if response.status_code < 400:
            await session.commit()
    note("session closes")
    return response


async def background_task() -> None:
    note("background task runs")


@app.post("/orders", status_code=201)
async def create_order(request: Request, background: BackgroundTasks) -> int:
    session: AsyncSession = request.state.session
    order = Order(item="kettle")
    session.add(order)
    await session.flush()
    background.add_task(background_task)
    note("endpoint returns")
    return order.id


async def watched(scope: Scope, receive: Receive, send: Send) -> None:
    """The application, with a note when the last byte of its response is sent."""

    async def watched_send(message: Message) -> None:
        await send(message)
        if message["type"] == "http.response.body" and not message.get("more_body"):
            note("response sent")

    await app(scope, receive, watched_send)


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
        timeline.clear()
        async with serving() as client:
            await client.post("/orders")
        # --8<-- [start:timeline]
        for what in timeline:
            print(what)
            #> session opens
            #> connection taken
            #> transaction begins
            #> endpoint returns
            #> transaction commits
            #> connection returned
            #> session closes
            #> response sent
            #> background task runs
        # --8<-- [end:timeline]
    finally:
        await engine.dispose()


if __name__ == "__main__":
    asyncio.run(main())
