"""`retrying` and connections that cannot be made or are lost: a restarted server, and one behind a relay."""

from __future__ import annotations

import asyncio
import contextlib
import struct
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import dataclass, field
from typing import Any, TypeAlias

import pytest
from sqlalchemy import select, text
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import DBAPIError, SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, async_sessionmaker, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from greenlit import DRIVERS
from greenlit.proof.services import own_server, restart_command
from snippets.toolkit.retry import retrying
from tests.toolkit.test_retry import at_the_log

pytestmark = pytest.mark.asyncio


class Base(DeclarativeBase):
    pass


class Entry(Base):
    __tablename__ = "entries"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]


Factory = async_sessionmaker[AsyncSession]


@pytest.fixture(params=["asyncpg", "psycopg"])
def driver(request: pytest.FixtureRequest) -> str:
    name: str = request.param
    return name


async def create_tables(engine: AsyncEngine) -> None:
    async with engine.begin() as connection:
        await connection.run_sync(Base.metadata.drop_all)
        await connection.run_sync(Base.metadata.create_all)


async def entries(engine: AsyncEngine) -> list[str]:
    async with AsyncSession(engine) as session:
        return list(await session.scalars(select(Entry.name).order_by(Entry.id)))


async def note(session: AsyncSession, name: str) -> None:
    session.add(Entry(name=name))


# A server that is restarted -------------------------------------------------------------------


@dataclass
class Server:
    """A PostgreSQL of our own."""

    url: URL
    restart: str

    async def run(self, command: str) -> None:
        process = await asyncio.create_subprocess_shell(command)
        assert await process.wait() == 0

    async def stop(self) -> None:
        before, _, after = self.restart.rpartition(" restart")
        await self.run(f"{before} stop{after}")

    async def start(self) -> None:
        """Also of one that was stopped, with the options that it had."""
        await self.run(f"{self.restart} 2>&1")


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    with own_server() as postgres:
        yield Server(make_url(postgres.get_uri()), restart_command(postgres))


@pytest.fixture
def server_url(server: Server, driver: str) -> URL:
    return server.url.set(drivername=DRIVERS[driver])


@pytest.mark.parametrize("pool_pre_ping", [False, True])
async def test_it_outlives_a_restart(server: Server, server_url: URL, pool_pre_ping: bool) -> None:
    engine = create_async_engine(server_url, pool_pre_ping=pool_pre_ping)
    await create_tables(engine)  # And a connection lies in the pool.
    often = retrying(
        async_sessionmaker(engine), attempts=10**6, first_delay=0.01, longest_delay=0.02, disconnects=True
    )
    failed = asyncio.Queue[str]()
    try:
        with at_the_log(failed.put_nowait):
            await server.stop()
            task = asyncio.create_task(often(note)("a"))
            for _ in range(5):
                attempt = asyncio.create_task(failed.get())
                await asyncio.wait([task, attempt], return_when=asyncio.FIRST_COMPLETED)
                assert not task.done(), task.exception()
            await server.start()
            await task
        assert await entries(engine) == ["a"]
    finally:
        await server.start()
        await engine.dispose()


async def test_many_outlive_restarts(server: Server, server_url: URL) -> None:
    """Each of them is somewhere else when the server goes: connecting, in a statement, between two."""
    engine = create_async_engine(server_url, pool_size=4, max_overflow=0)
    await create_tables(engine)
    often = retrying(
        async_sessionmaker(engine), attempts=10**6, first_delay=0.01, longest_delay=0.02, disconnects=True
    )
    done = asyncio.Event()
    unknown: list[str] = []
    noted: list[str] = []

    @often
    async def note_slowly(session: AsyncSession, name: str) -> None:
        session.add(Entry(name=name))
        await session.flush()
        await session.execute(text("SELECT pg_sleep(0.005)"))

    async def notes(worker: int) -> None:
        number = 0
        while not done.is_set():
            number += 1
            name = f"{worker} {number}"
            try:
                await note_slowly(name)
                noted.append(name)
            except DBAPIError as error:
                assert error.connection_invalidated and error.statement is None, error
                unknown.append(name)  # Lost during its commit.

    async with asyncio.TaskGroup() as group:
        for worker in range(4):
            group.create_task(notes(worker))
        for _ in range(3):
            before = len(noted)
            while len(noted) < before + 10:
                await asyncio.sleep(0.01)
            await server.start()
        done.set()
    stored = await entries(engine)
    assert len(stored) == len(set(stored)), "one was done twice"
    assert set(noted) <= set(stored) <= {*noted, *unknown}
    await engine.dispose()


async def test_in_the_middle_of_the_function(server: Server, server_url: URL) -> None:
    engine = create_async_engine(server_url)
    await create_tables(engine)
    runs = 0

    async def note_around_a_restart(session: AsyncSession, name: str) -> None:
        nonlocal runs
        runs += 1
        await note(session, name)
        await session.flush()
        if name not in restarted:
            restarted.add(name)
            await server.start()
        await session.execute(text("SELECT 1"))

    restarted: set[str] = set()
    factory = async_sessionmaker(engine)
    await retrying(factory, disconnects=True)(note_around_a_restart)("a")
    assert runs == 2
    with pytest.raises(DBAPIError) as caught:
        await retrying(factory)(note_around_a_restart)("b")
    assert caught.value.connection_invalidated
    assert runs == 3
    assert await entries(engine) == ["a"]
    await engine.dispose()


# A server behind a relay ----------------------------------------------------------------------

Reader: TypeAlias = asyncio.StreamReader
Writer: TypeAlias = asyncio.StreamWriter


@dataclass
class Relay:
    """Between the driver and the server: it turns connections away, or cuts one when it commits."""

    server: URL
    starting_up: int = 0
    """So many connections are told that the database system is starting up."""
    silent: int = 0
    """So many are closed before a word was said."""
    cut: str = ""
    """Once: `before` the COMMIT reaches the server, or `after` the server has done it."""
    connections: set[asyncio.Task[None]] = field(default_factory=set)

    async def serve(self, reader: Reader, writer: Writer) -> None:
        task = asyncio.current_task()
        assert task is not None
        self.connections.add(task)
        with contextlib.closing(writer), contextlib.suppress(OSError, asyncio.IncompleteReadError):
            if self.silent:
                self.silent -= 1
                return
            if self.starting_up:
                self.starting_up -= 1
                await _refuse(reader, writer)
                return
            back_reader, back_writer = await _connect(self.server)
            with contextlib.closing(back_writer):
                answers = asyncio.create_task(_copy(back_reader, writer))
                try:
                    await self._forward(reader, back_writer, answers, back_reader)
                finally:
                    answers.cancel()

    async def _forward(
        self, reader: Reader, back: Writer, answers: asyncio.Task[None], back_reader: Reader
    ) -> None:
        while data := await reader.read(65536):
            if b"COMMIT" in data and self.cut:
                cut, self.cut = self.cut, ""
                if cut == "after":
                    answers.cancel()
                    await asyncio.wait([answers])
                    back.write(data)
                    await back_reader.readuntil(b"COMMIT")
                return
            back.write(data)
            await back.drain()


async def _copy(reader: Reader, writer: Writer) -> None:
    with contextlib.suppress(OSError), contextlib.closing(writer):
        while data := await reader.read(65536):
            writer.write(data)
            await writer.drain()


async def _connect(server: URL) -> tuple[Reader, Writer]:
    folder, port = server.query.get("host"), server.port or 5432
    if isinstance(folder, str) and folder.startswith("/"):
        return await asyncio.open_unix_connection(f"{folder}/.s.PGSQL.{port}")
    return await asyncio.open_connection(server.host or "localhost", port)


async def _refuse(reader: Reader, writer: Writer) -> None:
    """As a server does that starts up."""
    while True:
        (length,) = struct.unpack("!i", await reader.readexactly(4))
        (code,) = struct.unpack("!i", (await reader.readexactly(length - 4))[:4])
        if code < 80877103:  # Not a question about encryption.
            break
        writer.write(b"N")
    fields = b"SFATAL\0VFATAL\0C57P03\0Mthe database system is starting up\0\0"
    writer.write(b"E" + struct.pack("!i", len(fields) + 4) + fields)
    await writer.drain()


@contextlib.asynccontextmanager
async def relayed(url: str, **faults: Any) -> AsyncIterator[tuple[AsyncEngine, Relay]]:
    """An engine whose connections lead through a relay, with the table in the database behind it."""
    direct = create_async_engine(url)
    await create_tables(direct)
    await direct.dispose()
    relay = Relay(make_url(url))
    listener = await asyncio.start_server(relay.serve, "127.0.0.1", 0)
    port = listener.sockets[0].getsockname()[1]
    engine = create_async_engine(make_url(url).set(host="127.0.0.1", port=port, query={}))
    try:
        async with engine.connect() as connection:  # So that SQLAlchemy knows the server.
            await connection.execute(text("SELECT 1"))
        for name, value in faults.items():
            setattr(relay, name, value)
        yield engine, relay
    finally:
        await engine.dispose()
        listener.close()
        await asyncio.gather(*relay.connections)


@pytest.mark.parametrize("fault", ["starting_up", "silent"])
async def test_a_server_that_is_starting_up(url: str, fault: str) -> None:
    async with relayed(url) as (engine, relay):
        factory = async_sessionmaker(engine)
        for options, stored in (({}, []), ({"disconnects": True}, ["a"])):
            await engine.dispose()  # Or a connection from before lies in the pool.
            setattr(relay, fault, 3)
            again = retrying(factory, attempts=4, first_delay=0, **options)  # type: ignore[arg-type]
            with contextlib.suppress(Exception) if not options else contextlib.nullcontext():
                await again(note)("a")
            setattr(relay, fault, 0)
            assert await entries(engine) == stored


@pytest.mark.parametrize("cut", ["before", "after"])
async def test_a_connection_that_is_lost_during_the_commit(url: str, cut: str) -> None:
    """The driver sees the same in both cases, and only in one of them the row is there."""
    async with relayed(url, cut=cut) as (engine, _):
        factory = async_sessionmaker(engine)
        with pytest.raises(DBAPIError) as caught:
            await retrying(factory, disconnects=True)(note)("a")
        assert caught.value.connection_invalidated
        assert await entries(engine) == ([] if cut == "before" else ["a"])


@pytest.mark.parametrize("cut, stored", [("before", ["a"]), ("after", ["a", "a"])])
async def test_a_lost_commit_may_be_done_twice(url: str, cut: str, stored: list[str]) -> None:
    async with relayed(url, cut=cut) as (engine, _):
        await retrying(async_sessionmaker(engine), lost_commits=True)(note)("a")
        assert await entries(engine) == stored


async def test_a_commit_of_the_function_that_is_lost(url: str) -> None:
    async with relayed(url, cut="after") as (engine, _):

        @retrying(async_sessionmaker(engine), disconnects=True)
        async def note_and_commit(session: AsyncSession) -> None:
            await note(session, "a")
            await session.commit()

        with pytest.raises(DBAPIError):
            await note_and_commit()
        assert await entries(engine) == ["a"]


# A connection that is ended -------------------------------------------------------------------


async def end_connection(session: AsyncSession, admin: AsyncEngine) -> None:
    process = await session.scalar(text("SELECT pg_backend_pid()"))
    async with admin.connect() as connection:
        await connection.execute(text(f"SELECT pg_terminate_backend({process}, 10000)"))


async def statement(session: AsyncSession, admin: AsyncEngine) -> None:
    await end_connection(session, admin)
    await session.execute(text("SELECT 1"))


async def caught_statement(session: AsyncSession, admin: AsyncEngine) -> None:
    with contextlib.suppress(SQLAlchemyError):
        await statement(session, admin)


async def caught_flush(session: AsyncSession, admin: AsyncEngine) -> None:
    await end_connection(session, admin)
    await note(session, "lost")
    with contextlib.suppress(SQLAlchemyError):
        await session.flush()


async def savepoint(session: AsyncSession, admin: AsyncEngine) -> None:
    async with session.begin_nested():
        await end_connection(session, admin)


async def stream(session: AsyncSession, admin: AsyncEngine) -> None:
    many = text("SELECT repeat('x', 10000) FROM generate_series(1, 5000)")
    rows = await session.stream(many, execution_options={"yield_per": 10})
    process = await session.scalar(text("SELECT pg_backend_pid()"))
    async with admin.connect() as connection:
        await connection.execute(text(f"SELECT pg_terminate_backend({process}, 10000)"))
    _ = [row async for row in rows]


async def rollback(session: AsyncSession, admin: AsyncEngine) -> None:
    await end_connection(session, admin)
    await session.rollback()


async def task_group(session: AsyncSession, admin: AsyncEngine) -> None:
    async with asyncio.TaskGroup() as group:
        group.create_task(statement(session, admin))


async def before_the_commit(session: AsyncSession, admin: AsyncEngine) -> None:
    await end_connection(session, admin)


WAYS = [statement, caught_statement, caught_flush, savepoint, stream, rollback, task_group, before_the_commit]


@pytest.mark.parametrize("way", WAYS, ids=lambda way: way.__name__)
async def test_a_connection_that_is_lost_before_the_commit(
    way: Callable[[AsyncSession, AsyncEngine], Any], make_engine: Callable[..., AsyncEngine]
) -> None:
    engine, admin = make_engine(), make_engine()
    await create_tables(admin)
    runs: list[str] = []

    async def lose_once(session: AsyncSession, name: str) -> None:
        runs.append(name)
        await note(session, name)
        await session.flush()
        if runs.count(name) == 1:
            await way(session, admin)

    factory = async_sessionmaker(engine)
    with pytest.raises((SQLAlchemyError, ExceptionGroup)):
        await retrying(factory, lost_commits=False)(lose_once)("a")
    await retrying(factory, first_delay=0, disconnects=True)(lose_once)("b")
    assert runs == ["a", "b", "b"]
    assert await entries(admin) == ["b"]
    assert engine.pool.checkedout() == 0  # type: ignore[attr-defined]


async def test_what_else_prevents_a_connection(url: str, driver: str) -> None:
    """asyncpg says why, and psycopg does not: a wrong name of the database is tried again there."""
    engine = create_async_engine(make_url(url).set(database="nowhere"))
    failed: list[str] = []
    with at_the_log(failed.append), pytest.raises((DBAPIError, Exception), match="nowhere"):
        await retrying(async_sessionmaker(engine), attempts=3, first_delay=0, disconnects=True)(
            statement_only
        )()
    assert len(failed) == (0 if driver == "asyncpg" else 2)
    await engine.dispose()


async def statement_only(session: AsyncSession) -> None:
    await session.execute(text("SELECT 1"))
