"""Endpoints that yield, on a real server: which of their rows are stored, and who holds a connection."""

import asyncio
import gc
from collections.abc import AsyncIterable, AsyncIterator, Iterator
from contextlib import asynccontextmanager
from typing import Annotated, Any

import httpx
import pytest
import uvicorn
from fastapi import APIRouter, BackgroundTasks, Depends, FastAPI, WebSocket
from fastapi.responses import StreamingResponse
from fastapi.sse import EventSourceResponse
from fastapi.testclient import TestClient
from sqlalchemy import func, select, text
from sqlalchemy.exc import InvalidRequestError
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column
from starlette.types import Receive, Scope, Send

from snippets.toolkit.sessions import (
    CommittingSession,
    Database,
    PlainSession,
    SessionFactory,
    StreamSession,
    open_database,
)
from tests.toolkit.conftest import on_postgres

pytestmark = pytest.mark.asyncio


class Base(DeclarativeBase):
    pass


class Order(Base):
    __tablename__ = "orders"

    id: Mapped[int] = mapped_column(primary_key=True)
    item: Mapped[str]


async def store(session: AsyncSession, item: str) -> int:
    order = Order(item=item)
    session.add(order)
    await session.flush()
    return order.id


class Shop:
    """The application under test, its server, and what the test may look at and hold up."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.app = FastAPI(lifespan=self.lifespan)
        self.errors: list[BaseException] = []
        self.requests_over = asyncio.Semaphore(0)
        self.reached = asyncio.Event()
        self.go_on = asyncio.Event()

    @asynccontextmanager
    async def lifespan(self, app: FastAPI) -> AsyncIterator[dict[str, Database]]:
        async with open_database(self.url) as self.database:
            async with self.database.engine.begin() as connection:
                await connection.run_sync(Base.metadata.create_all)
            yield {"database": self.database}

    async def hold_up(self) -> None:
        """Where the endpoint is when the test acts."""
        self.reached.set()
        await self.go_on.wait()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            await self.app(scope, receive, send)
        except Exception as error:
            self.errors.append(error)
            raise
        finally:
            if scope["type"] == "http":
                self.requests_over.release()

    @asynccontextmanager
    async def serving(self) -> AsyncIterator[httpx.AsyncClient]:
        server = uvicorn.Server(uvicorn.Config(self, port=0, log_level="critical"))
        task = asyncio.create_task(server.serve())
        try:
            while not server.started:
                await asyncio.sleep(0.01)
            port = server.servers[0].sockets[0].getsockname()[1]
            async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", timeout=60) as client:
                yield client
        finally:
            self.go_on.set()
            server.should_exit = True
            await task

    async def stored(self) -> int:
        async with self.database.session_factory() as session:
            return await session.scalar(select(func.count()).select_from(Order)) or 0

    def held(self) -> int:
        pool: Any = self.database.engine.sync_engine.pool
        return int(pool.checkedout())


@pytest.fixture
def shop(url: str) -> Shop:
    shop = Shop(url)

    @shop.app.post("/each")
    async def each(items: list[str], sessions: SessionFactory) -> AsyncIterable[int]:
        for item in items:
            if item == "wait":
                await shop.hold_up()
            if item == "fail":
                raise ValueError(item)
            async with sessions() as session:
                order_id = await store(session, item)
                await session.commit()
            yield order_id

    @shop.app.post("/whole")
    async def whole(items: list[str], session: StreamSession) -> AsyncIterable[int]:
        for item in items:
            if item == "wait":
                await shop.hold_up()
            if item == "fail":
                raise ValueError(item)
            if item == "sleep in the database":
                shop.reached.set()
                await session.execute(text("SELECT pg_sleep(60)"))
            yield await store(session, item)
        await session.commit()

    shop.app.post("/each-events", response_class=EventSourceResponse)(each)
    shop.app.post("/whole-events", response_class=EventSourceResponse)(whole)
    return shop


@pytest.fixture
def no_garbage_collection() -> Iterator[None]:
    """What is returned, is returned by our code."""
    gc.disable()
    yield
    gc.enable()


async def hang_up(
    shop: Shop, client: httpx.AsyncClient, path: str, items: list[str], after: int
) -> list[int]:
    """Read so many ids, wait until the endpoint is held up, go away, and wait for its end."""
    async with client.stream("POST", path, json=items) as response:
        lines = (line.removeprefix("data: ") async for line in response.aiter_lines() if line)
        received = [int(await anext(lines)) for _ in range(after)]
        await shop.reached.wait()
    await shop.requests_over.acquire()
    return received


async def test_each_id_that_the_client_has_is_stored(shop: Shop) -> None:
    async with shop.serving() as client, client.stream("POST", "/each", json=["a", "b", "wait"]) as response:
        lines = response.aiter_lines()
        received = [int(await anext(lines)) for _ in range(2)]
        assert await shop.stored() == len(received) == 2


async def test_a_whole_stream_is_stored_at_its_end_and_not_before(shop: Shop) -> None:
    async with shop.serving() as client:
        async with client.stream("POST", "/whole", json=["a", "b", "wait"]) as response:
            lines = response.aiter_lines()
            assert len([await anext(lines) for _ in range(2)]) == 2
            assert await shop.stored() == 0, "the client has ids that are not stored yet"
            shop.go_on.set()
            assert len([line async for line in lines]) == 1
        assert await shop.stored() == 3, "the clean end says that they are"


@pytest.mark.usefixtures("no_garbage_collection")
@pytest.mark.parametrize(
    ("path", "stored"), [("/each", 2), ("/whole", 0), ("/each-events", 2), ("/whole-events", 0)]
)
async def test_the_client_hangs_up_between_two_queries(shop: Shop, path: str, stored: int) -> None:
    async with shop.serving() as client:
        assert len(await hang_up(shop, client, path, ["a", "b", "wait"], after=2)) == 2
        assert await shop.stored() == stored
        assert shop.held() == 0
        assert shop.errors == []


@pytest.mark.usefixtures("no_garbage_collection")
@on_postgres  # A query of SQLite cannot be cancelled.
async def test_the_client_hangs_up_during_a_query(shop: Shop) -> None:
    async with shop.serving() as client:
        await hang_up(shop, client, "/whole", ["a", "b", "sleep in the database"], after=2)
        assert await shop.stored() == 0
        assert shop.held() == 0


@pytest.mark.usefixtures("no_garbage_collection")
async def test_a_client_that_does_not_read_hangs_up(shop: Shop) -> None:
    """The generator stands at a `yield` that nobody ends, and its session is closed all the same."""

    @shop.app.post("/large", response_class=StreamingResponse)
    async def large(session: StreamSession) -> AsyncIterator[str]:
        yield f"{await store(session, 'a')}\n"
        shop.reached.set()
        while True:
            yield "x" * 1_000_000 + "\n"

    async with shop.serving() as client:
        await hang_up(shop, client, "/large", [], after=1)
        assert await shop.stored() == 0
        assert shop.held() == 0


@pytest.mark.usefixtures("no_garbage_collection")
@pytest.mark.parametrize(("path", "stored"), [("/each", 2), ("/whole", 0)])
async def test_an_exception_in_the_middle_breaks_the_response_off(shop: Shop, path: str, stored: int) -> None:
    async with shop.serving() as client:
        with pytest.raises(httpx.RemoteProtocolError, match="incomplete chunked read"):
            await client.post(path, json=["a", "b", "fail"])
        await shop.requests_over.acquire()
        assert await shop.stored() == stored
        assert shop.held() == 0


async def test_two_streams_at_once(shop: Shop, driver: str) -> None:
    # SQLite lets one transaction write at a time, and a whole stream is one.
    path, stored = ("/each", 3 + 2) if driver == "aiosqlite" else ("/whole", 3)
    async with shop.serving() as client:
        sound = client.stream("POST", path, json=["a", "b", "wait"])
        broken = client.stream("POST", path, json=["a", "wait", "fail"])
        async with sound as one, broken as other:
            one_lines, other_lines = one.aiter_lines(), other.aiter_lines()
            await anext(one_lines), await anext(other_lines)
            shop.go_on.set()
            with pytest.raises(httpx.RemoteProtocolError):
                _ = [line async for line in other_lines]
            assert len([line async for line in one_lines]) == 2
        assert await shop.stored() == stored


@pytest.mark.parametrize("path", ["/each", "/whole"])
async def test_an_empty_stream(shop: Shop, path: str) -> None:
    async with shop.serving() as client:
        response = await client.post(path, json=[])
        await shop.requests_over.acquire()
        assert (response.status_code, response.text) == (200, "")
        assert (await shop.stored(), shop.held(), shop.errors) == (0, 0, [])


async def test_a_background_task_finds_what_the_stream_has_stored(shop: Shop) -> None:
    found = asyncio.get_running_loop().create_future()

    @shop.app.post("/with-task")
    async def with_task(
        background: BackgroundTasks, session: StreamSession, sessions: SessionFactory
    ) -> AsyncIterable[int]:
        async def look() -> None:
            async with sessions() as own_session:
                found.set_result(await own_session.scalar(select(Order.item)))

        background.add_task(look)
        yield await store(session, "kettle")
        await session.commit()

    async with shop.serving() as client:
        assert (await client.post("/with-task")).status_code == 200
        assert await found == "kettle"


def _endpoints_that_are_refused(app: FastAPI | APIRouter) -> None:
    @app.post("/committing")
    async def committing(session: CommittingSession) -> AsyncIterable[int]:
        yield await store(session, "a")

    @app.post("/plain")
    async def plain(session: PlainSession) -> AsyncIterable[int]:
        yield await store(session, "a")
        await session.commit()

    @app.post("/events", response_class=EventSourceResponse)
    async def events(session: CommittingSession) -> AsyncIterable[int]:
        yield await store(session, "a")

    @app.post("/text", response_class=StreamingResponse)
    async def text_lines(session: CommittingSession) -> AsyncIterator[str]:
        yield str(await store(session, "a"))

    @app.post("/threads")
    def in_a_thread(session: CommittingSession) -> Iterator[int]:
        session.add(Order(item="a"))
        yield 1


@pytest.mark.parametrize("path", ["/committing", "/plain", "/events", "/text", "/threads", "/router/events"])
async def test_an_endpoint_that_yields_is_refused_a_session_that_ends_before(shop: Shop, path: str) -> None:
    _endpoints_that_are_refused(shop.app)
    router = APIRouter(prefix="/router")
    _endpoints_that_are_refused(router)
    shop.app.include_router(router)

    async with shop.serving() as client:
        assert (await client.post(path)).status_code == 500
        assert "yields, so it would use this session after its end" in str(shop.errors[0])
        assert (await shop.stored(), shop.held()) == (0, 0)


async def user_name(session: CommittingSession) -> str:
    await store(session, "a visit")
    return "Ada"


async def test_what_such_an_endpoint_depends_on_may_commit(shop: Shop) -> None:
    @shop.app.post("/greeted", dependencies=[Depends(user_name)])
    async def greeted(name: Annotated[str, Depends(user_name)], session: StreamSession) -> AsyncIterable[str]:
        yield name
        yield str(await session.scalar(select(Order.item)))

    async with shop.serving() as client:
        assert (await client.post("/greeted")).text == '"Ada"\n"a visit"\n'
        assert await shop.stored() == 1


@pytest.mark.usefixtures("no_garbage_collection")
@pytest.mark.parametrize("flush", [True, False])
async def test_a_returned_stream_cannot_use_the_session_that_is_closed(shop: Shop, flush: bool) -> None:
    @shop.app.post("/returned")
    async def returned(session: CommittingSession) -> StreamingResponse:
        async def lines() -> AsyncIterator[str]:
            yield "begin\n"
            if flush:
                await store(session, "a")
            session.add(Order(item="b"))
            yield "end\n"

        return StreamingResponse(lines())

    async with shop.serving() as client:
        with pytest.raises(httpx.RemoteProtocolError, match="incomplete chunked read"):
            await client.post("/returned")
        await shop.requests_over.acquire()
        assert [type(error) for error in shop.errors] == [InvalidRequestError]
        assert "permanently closed" in str(shop.errors[0])
        assert (await shop.stored(), shop.held()) == (0, 0)


async def test_a_session_for_each_message_of_a_web_socket(shop: Shop) -> None:
    @shop.app.websocket("/orders")
    async def orders(websocket: WebSocket, sessions: SessionFactory) -> None:
        await websocket.accept()
        async for item in websocket.iter_text():
            async with sessions() as session:
                order_id = await store(session, item)
                await session.commit()
            await websocket.send_json({"id": order_id, "held": shop.held()})

    def talk() -> list[dict[str, int]]:
        with TestClient(shop.app) as client, client.websocket_connect("/orders") as socket:
            answers = []
            for item in "a", "b":
                socket.send_text(item)
                answers.append(socket.receive_json())
            return answers

    assert await asyncio.to_thread(talk) == [{"id": 1, "held": 0}, {"id": 2, "held": 0}]


async def test_a_closed_session_gives_what_is_loaded_and_nothing_else(shop: Shop) -> None:
    async with shop.serving():
        async with shop.database.session_factory() as session:
            order = Order(item="kettle")
            session.add(order)
            await session.commit()
        assert (order.id, order.item) == (1, "kettle")
        with pytest.raises(InvalidRequestError, match="permanently closed"):
            await session.scalar(select(Order.item))
        with pytest.raises(InvalidRequestError, match="permanently closed"):
            session.add(order)
        async with shop.database.session_factory() as other:
            other.add(order)
            await other.refresh(order)


@pytest.mark.parametrize(("method", "status"), [("close", 500), ("reset", 200)])
async def test_an_endpoint_that_closes_early_has_to_reset_instead(
    shop: Shop, method: str, status: int
) -> None:
    @shop.app.post("/early")
    async def early(session: CommittingSession) -> None:
        await session.scalar(select(Order.item))
        await getattr(session, method)()

    async with shop.serving() as client:
        assert (await client.post("/early")).status_code == status
