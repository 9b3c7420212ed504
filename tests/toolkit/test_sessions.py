"""`open_database` keeps its bound and names what did not answer; the dependencies work wherever a request comes from."""

from __future__ import annotations

import asyncio
import gc
import struct
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Any

import asyncpg
import httpx
import pytest
from fastapi import FastAPI, HTTPException, WebSocket
from fastapi.testclient import TestClient
from sqlalchemy import NullPool, event, make_url, text
from sqlalchemy.engine import URL
from sqlalchemy.exc import DBAPIError, IntegrityError, OperationalError, SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncEngine
from sqlalchemy.pool import ConnectionPoolEntry, Pool

from snippets.toolkit import sessions
from snippets.toolkit.sessions import CommittingSession, Database, PlainSession, open_database
from tests.toolkit.conftest import on_postgres

pytestmark = pytest.mark.asyncio

SECRET = "hunter2"

Handler = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


# Servers that go silent, each at another place.


def _message(kind: bytes, body: bytes) -> bytes:
    return kind + struct.pack("!i", len(body) + 4) + body


WELCOME = (
    _message(b"R", struct.pack("!i", 0))
    + _message(b"S", b"server_version\x0018.0\x00")
    + _message(b"S", b"client_encoding\x00UTF8\x00")
    + _message(b"Z", b"I")
)
TLS, PROTOCOL = 80877103, 196608


async def silent(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Takes the connection and says nothing."""
    while await reader.read(1024):
        pass


async def silent_after_login(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Lets everybody in, and answers no query. Neither does it answer who asks to cancel one."""
    while True:
        length, code = struct.unpack("!ii", await reader.readexactly(8))
        await reader.readexactly(length - 8)
        if code == TLS:
            writer.write(b"N")
        else:
            break
    if code == PROTOCOL:
        writer.write(WELCOME)
    await silent(reader, writer)


def silent_at(word: bytes, upstream: URL, *, after: bytes = b"") -> Handler:
    """The real server, until a message with this word comes (after one with the other)."""

    async def relay(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        above = await _connect(upstream)
        back = asyncio.create_task(_pump(above[0], writer))
        seen = b""
        try:
            while data := await reader.read(65536):
                seen += data
                since = seen.partition(after)[2] if after else seen
                if word in since:
                    break
                above[1].write(data)
            await silent(reader, writer)
        finally:
            back.cancel()
            above[1].close()

    return relay


async def _connect(url: URL) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    folder = url.query.get("host")
    if isinstance(folder, str):
        return await asyncio.open_unix_connection(f"{folder}/.s.PGSQL.{url.port or 5432}")
    return await asyncio.open_connection(url.host, url.port or 5432)


async def _pump(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    while data := await reader.read(65536):
        writer.write(data)


class Listener:
    """A local server, and who is connected to it."""

    def __init__(self, url: URL, connected: set[asyncio.Task[None]]) -> None:
        self.url = url
        self.connected = connected

    async def until_all_have_left(self) -> None:
        while self.connected:
            gc.collect()  # psycopg closes a socket that was still connecting when it is collected.
            await asyncio.wait(self.connected, timeout=0.05)


@asynccontextmanager
async def listening(handler: Handler, url: str) -> AsyncIterator[Listener]:
    connected: set[asyncio.Task[None]] = set()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        connected.add(task)
        try:
            await handler(reader, writer)
        except (ConnectionError, asyncio.IncompleteReadError, asyncio.CancelledError):
            pass
        finally:
            connected.discard(task)
            writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    try:
        yield Listener(make_url(url).set(host="127.0.0.1", port=port, query={}, password=SECRET), connected)
    finally:
        server.close()
        for task in list(connected):
            task.cancel()
        await asyncio.gather(*connected, return_exceptions=True)


async def until_checks_have_ended() -> None:
    while sessions._being_asked:
        await asyncio.wait(sessions._being_asked)


async def until_it_has_ended(sqlite_has_ended: Callable[[], bool]) -> None:
    """A thread whose connection was cancelled while it was made ends when it is collected."""
    while not sqlite_has_ended():
        gc.collect()
        await asyncio.sleep(0.01)


async def end_checks() -> None:
    """A second cancellation, as the end of the event loop has one, ends what psycopg does for ten seconds."""
    while sessions._being_asked:
        _ = [task.cancel() for task in sessions._being_asked]
        await asyncio.wait(sessions._being_asked, timeout=0.05)


@pytest.fixture
def connections() -> Any:
    """How many connections are open, of all engines made meanwhile."""
    open_ones: set[int] = set()

    def opened(connection: object, _: ConnectionPoolEntry) -> None:
        open_ones.add(id(connection))

    def closed(connection: object, _: ConnectionPoolEntry) -> None:
        open_ones.discard(id(connection))

    event.listen(Pool, "connect", opened)
    event.listen(Pool, "close", closed)
    yield open_ones
    event.remove(Pool, "connect", opened)
    event.remove(Pool, "close", closed)


# The bound


@pytest.mark.parametrize("place", ["at once", "after login", "at SELECT 1", "at ROLLBACK"])
@on_postgres
async def test_the_bound_holds_wherever_the_server_goes_silent(
    url: str, place: str, caplog: pytest.LogCaptureFixture
) -> None:
    upstream = make_url(url)
    handler = {
        "at once": silent,
        "after login": silent_after_login,
        "at SELECT 1": silent_at(b"SELECT 1", upstream),
        "at ROLLBACK": silent_at(b"ROLLBACK", upstream, after=b"SELECT 1"),
    }[place]
    async with listening(handler, url) as server:
        started = time.monotonic()
        with pytest.raises(TimeoutError) as caught:
            async with open_database(server.url, check_within=0.7):
                raise AssertionError("it answered")
        took = time.monotonic() - started

        assert 0.7 <= took < 2.5, "asyncpg needed two seconds more for its cancellation, psycopg ten"
        where = f"127.0.0.1:{server.url.port}/{server.url.database}"
        assert str(caught.value) == f"no answer from {where} within 0.7 seconds"
        assert SECRET not in repr(caught.value)
        await end_checks()
        await server.until_all_have_left()
    assert "never retrieved" not in caplog.text


@on_postgres
async def test_what_is_left_of_the_check_ends_by_itself(url: str) -> None:
    async with listening(silent_after_login, url) as server:
        with pytest.raises(TimeoutError):
            async with open_database(server.url, check_within=0.5):
                pass
        await until_checks_have_ended()
        await server.until_all_have_left()


@on_postgres
async def test_the_drivers_own_limit_gets_the_same_words(url: str, driver: str) -> None:
    async with listening(silent, url) as server:
        limit = {"asyncpg": {"timeout": 0.3}, "psycopg": {"connect_timeout": 2}}[driver]
        started = time.monotonic()
        with pytest.raises((TimeoutError, OperationalError)) as caught:
            async with open_database(server.url, check_within=60, connect_args=limit):
                pass
        assert time.monotonic() - started < 20
    where = f"127.0.0.1:{server.url.port}/{server.url.database}"
    if driver == "asyncpg":
        assert str(caught.value).startswith(f"no answer from {where} within ")
    else:
        assert "connection timeout expired" in str(caught.value)
        assert caught.value.__notes__ == [f"The database is {where}"]


@on_postgres
async def test_it_does_not_ask_if_told_so(url: str) -> None:
    async with (
        listening(silent, url) as server,
        open_database(server.url, check_within=None) as database,
    ):
        assert database.engine.pool.checkedout() == 0  # type: ignore[attr-defined]
        assert not server.connected


@pytest.mark.parametrize("within", [0, -1])
async def test_no_time_at_all_is_too_little(
    url: str, within: float, sqlite_has_ended: Callable[[], bool]
) -> None:
    with pytest.raises(TimeoutError, match=f"within {within} seconds"):
        async with open_database(url, check_within=within):
            pass
    await until_checks_have_ended()
    await until_it_has_ended(sqlite_has_ended)


async def test_without_end(url: str) -> None:
    async with open_database(url, check_within=float("inf")):
        pass


async def test_garbage_in_place_of_a_number(url: str) -> None:
    with pytest.raises(TypeError):
        async with open_database(url, check_within="soon"):  # type: ignore[arg-type]
            pass
    await until_checks_have_ended()


# What else may be wrong


def _wrong(url: URL) -> dict[str, tuple[URL, str]]:
    if url.get_backend_name() == "sqlite":
        return {"no such folder": (url.set(database="no_such_folder/shop.db"), "no_such_folder/shop.db")}
    here = url.query.get("host", f"{url.host}:{url.port or 5432}")
    return {
        "nothing listens there": (url.set(host="127.0.0.1", port=1, query={}), f"127.0.0.1:1/{url.database}"),
        "no such host": (url.set(host="db.invalid", query={}), f"db.invalid/{url.database}"),
        "no such database": (url.set(database="nowhere"), f"{here}/nowhere"),
        "no such role": (url.set(username="nobody_we_know"), f"{here}/{url.database}"),
    }


async def test_what_is_wrong_comes_at_once_and_names_the_database(url: str) -> None:
    for what, (wrong, where) in _wrong(make_url(url)).items():
        if wrong.get_backend_name() != "sqlite":
            wrong = wrong.set(password=SECRET)
        with pytest.raises((SQLAlchemyError, OSError, asyncpg.PostgresError)) as caught:
            async with open_database(wrong):
                raise AssertionError(f"{what}: it answered")
        assert not isinstance(caught.value, TimeoutError), what
        assert caught.value.__notes__ == [f"The database is {where}"], what
        assert SECRET not in str(caught.value), what


@pytest.mark.parametrize(
    "url, place",
    [
        ("postgresql+asyncpg://shop:hunter2@db.internal:6432/shop", "db.internal:6432/shop"),
        ("postgresql+asyncpg://db.internal/shop?password=hunter2", "db.internal/shop"),
        ("postgresql+asyncpg://shop:hunter@2@db.internal/shop", "db.internal/shop"),
        ("postgresql+asyncpg://shop:hun/ter@2/x@db.internal/shop", "db.internal/shop"),
        ("postgresql+psycopg:///shop?host=/run/postgresql&password=hunter2", "/run/postgresql/shop"),
        ("postgresql+psycopg:///shop?host=a:5432&host=b:5432", "a:5432,b:5432/shop"),
        ("postgresql+asyncpg://", "postgresql+asyncpg"),
        ("postgresql+asyncpg://shop:hunter2@[::1]:5432/shop", "::1:5432/shop"),
        ("sqlite+aiosqlite://", "sqlite+aiosqlite"),
        ("sqlite+aiosqlite:///shop.db", "shop.db"),
    ],
)
async def test_a_place_has_no_secret(url: str, place: str) -> None:
    assert sessions._place(make_url(url)) == place


@pytest.mark.parametrize("options, hidden", [({}, True), ({"hide_parameters": False}, False)])
async def test_values_are_hidden_unless_you_say_otherwise(url: str, options: Any, hidden: bool) -> None:
    async with open_database(url, **options) as database, database.engine.connect() as connection:
        with pytest.raises(SQLAlchemyError) as caught:
            await connection.execute(text("SELECT :secret FROM nowhere"), {"secret": SECRET})
    assert (SECRET not in str(caught.value)) == hidden


async def test_garbage_in_place_of_a_url() -> None:
    for garbage in "", "db.internal", "postgresql://localhost/shop":
        with pytest.raises((SQLAlchemyError, ImportError)):
            async with open_database(garbage):
                pass


# Its end


async def test_a_lifespan_that_is_cancelled_leaves_nothing(
    url: str, sqlite_has_ended: Callable[[], bool]
) -> None:
    async def live() -> None:
        async with open_database(url) as database, database.session_factory() as session:
            await session.execute(text("SELECT 1"))

    async def cancelled_after(steps: int) -> bool:
        task = asyncio.create_task(live())
        for _ in range(steps):
            await asyncio.sleep(0)
        task.cancel()
        [end] = await asyncio.gather(task, return_exceptions=True)
        assert end is None or isinstance(end, asyncio.CancelledError), f"after {steps} steps: {end!r}"
        return end is not None

    async with open_database(url) as watching:
        before = await backends(watching)
        steps = 0
        while await cancelled_after(steps) and steps < 300:
            await until_checks_have_ended()
            while await backends(watching) > before:
                # A connection whose first questions are cancelled is closed when it is collected.
                gc.collect()
                await asyncio.sleep(0.01)
            steps += 11
    await until_it_has_ended(sqlite_has_ended)


async def backends(database: Database) -> int:
    """How many connections the server has in this database. SQLite has none."""
    if database.engine.dialect.name == "sqlite":
        return 0
    async with database.engine.connect() as connection:
        return await connection.scalar(BACKENDS) or 0


BACKENDS = text("SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()")


async def test_an_error_inside_goes_out_as_it_is(url: str, connections: set[int]) -> None:
    with pytest.raises(LookupError, match="the cache is empty"):
        async with open_database(url) as database:
            async with database.session_factory() as session:
                await session.execute(text("SELECT 1"))
            assert connections
            raise LookupError("the cache is empty")
    assert not connections


async def test_a_dispose_that_fails_has_the_error_inside_as_its_context(
    url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    dispose = AsyncEngine.dispose

    async def fail(engine: AsyncEngine) -> None:
        await dispose(engine)
        raise OSError("the network is gone")

    monkeypatch.setattr(AsyncEngine, "dispose", fail)
    with pytest.raises(OSError, match="the network is gone") as caught:
        async with open_database(url):
            raise LookupError("the cache is empty")
    assert isinstance(caught.value.__context__, LookupError)


async def test_two_databases_at_once(url: str, connections: set[int]) -> None:
    async with AsyncExitStack() as stack:
        one = await stack.enter_async_context(open_database(url))
        two = await stack.enter_async_context(open_database(url, poolclass=NullPool))
        for database in one, two:
            async with database.session_factory() as session:
                assert await session.scalar(text("SELECT 1")) == 1
        assert len(connections) == 1
    assert not connections


# In an application


def _lifespan(url: str | URL) -> Callable[[FastAPI], Any]:
    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[dict[str, Database]]:
        async with open_database(url) as database:
            async with database.engine.begin() as connection:
                await connection.execute(text("CREATE TABLE IF NOT EXISTS notes (body VARCHAR(20))"))
            yield {"database": database}

    return lifespan


INSERT = text("INSERT INTO notes VALUES (:body)")
COUNT = text("SELECT count(*) FROM notes")


def notes(url: str | URL) -> FastAPI:
    app = FastAPI(lifespan=_lifespan(url))

    @app.post("/notes", status_code=201)
    async def add(body: str, session: CommittingSession) -> None:
        await session.execute(INSERT, {"body": body})
        if not body:
            raise HTTPException(422)

    @app.get("/notes")
    async def count(session: PlainSession) -> int:
        return await session.scalar(COUNT) or 0

    @app.websocket("/notes")
    async def talk(websocket: WebSocket, session: CommittingSession) -> None:
        await websocket.accept()
        await session.execute(INSERT, {"body": await websocket.receive_text()})
        await websocket.close()

    return app


async def test_a_session_in_a_websocket(url: str) -> None:
    def in_a_thread() -> int:
        with TestClient(notes(url)) as client:
            with client.websocket_connect("/notes") as websocket:
                websocket.send_text("hello")
                assert websocket.receive()["type"] == "websocket.close"
            return int(client.get("/notes").text)

    assert await asyncio.to_thread(in_a_thread) == 1


@asynccontextmanager
async def client_of(app: FastAPI) -> AsyncIterator[httpx.AsyncClient]:
    async with app.router.lifespan_context(app) as state:

        async def with_state(scope: Any, receive: Any, send: Any) -> None:
            await app({**scope, "state": dict(state or {})}, receive, send)

        transport = httpx.ASGITransport(with_state)
        async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
            yield client


async def test_under_asgi_transport_with_the_lifespan(url: str, connections: set[int]) -> None:
    async with client_of(notes(url)) as client:
        assert (await client.post("/notes?body=hello")).status_code == 201
        assert (await client.post("/notes?body=")).status_code == 422
        assert (await client.get("/notes")).text == "1"
    assert not connections


async def test_under_asgi_transport_without_the_lifespan(url: str) -> None:
    transport = httpx.ASGITransport(notes(url))
    async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
        with pytest.raises(AttributeError, match="database"):
            await client.get("/notes")


async def test_two_applications_in_one_process(url: str) -> None:
    async with client_of(notes(url)) as one, client_of(notes(url)) as two:
        assert (await one.post("/notes?body=hello")).status_code == 201
        assert (await two.get("/notes")).text == "1"


async def test_a_server_that_is_not_there_stops_the_application(url: str) -> None:
    [(wrong, _), *_rest] = _wrong(make_url(url)).values()
    with pytest.raises((DBAPIError, OSError)):
        async with client_of(notes(wrong)):
            raise AssertionError("it started")


async def test_after_a_commit_that_failed_the_connection_has_no_open_transaction(tmp_path: Path) -> None:
    """SQLite keeps the transaction open. In the pool, the next request would go on with it and fail too."""

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[dict[str, Any]]:
        url = f"sqlite+aiosqlite:///{tmp_path}/deferred.db"
        async with open_database(url, pool_size=1, max_overflow=0) as database:
            async with database.engine.begin() as connection:
                await connection.execute(text("CREATE TABLE parents (id INTEGER PRIMARY KEY)"))
                deferred = "REFERENCES parents DEFERRABLE INITIALLY DEFERRED"
                await connection.execute(text(f"CREATE TABLE children (parent INTEGER {deferred})"))
            async with database.engine.connect() as connection:
                await connection.execute(text("PRAGMA foreign_keys = ON"))
            yield {"database": database}

    app = FastAPI(lifespan=lifespan)

    @app.post("/children")
    async def child(session: CommittingSession) -> None:
        await session.execute(text("INSERT INTO children VALUES (7)"))

    @app.post("/parents")
    async def parent(session: CommittingSession) -> int:
        await session.execute(text("INSERT INTO parents VALUES (1)"))
        return await session.scalar(text("SELECT count(*) FROM children")) or 0

    async with client_of(app) as client:
        with pytest.raises(IntegrityError):
            await client.post("/children")
        assert (await client.post("/parents")).text == "0"
