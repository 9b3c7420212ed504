"""The ledger names the right lines, and it neither disturbs nor keeps what it watches."""

from __future__ import annotations

import ast
import asyncio
import gc
import itertools
import linecache
import logging
import sys
import threading
import weakref
from collections.abc import AsyncIterator, Awaitable, Callable, Generator, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import Connection, Engine, Pool, create_engine, event, text
from sqlalchemy.event import registry
from sqlalchemy.exc import DBAPIError, DisconnectionError, OperationalError
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, create_async_engine
from sqlalchemy.pool import NullPool, QueuePool

from snippets.toolkit import ledger as module
from snippets.toolkit.ledger import Entry, Ledger

asynchronous = pytest.mark.asyncio
ONE = text("SELECT 1")


@pytest.fixture(autouse=True)
def _none_stays_open_or_fails(caplog: pytest.LogCaptureFixture) -> Iterator[None]:
    yield
    assert module._open == ()
    assert module.__name__ not in {record.name for record in caplog.get_records("call")}


@pytest.fixture
def sync_engine(tmp_path: Path) -> Iterator[Engine]:
    """As sync code has it, with a pool that threads share."""
    engine = create_engine(f"sqlite:///{tmp_path / 'sync.db'}", poolclass=QueuePool, pool_size=4)
    yield engine
    engine.dispose()


def codes(entries: list[Entry]) -> list[str]:
    return [f"leaving {entry.code}" if entry.leaving else entry.code for entry in entries]


def texts(entry: Entry) -> list[str]:
    return [happened.text for happened in entry.events]


def ask(engine: Engine) -> None:
    with engine.connect() as connection:
        connection.execute(ONE)


async def ask_async(engine: AsyncEngine) -> None:
    async with engine.connect() as connection:
        await connection.execute(ONE)


# Which line ---------------------------------------------------------------------------------------


@asynchronous
async def test_each_line_has_what_it_caused(engine: AsyncEngine) -> None:
    await ask_async(engine)
    with Ledger() as ledger:
        async with AsyncSession(engine) as session:
            assert await session.scalar(ONE) == 1
            await session.commit()
            await session.scalar(ONE)
    assert [
        (code, texts(entry)) for code, entry in zip(codes(ledger.entries), ledger.entries, strict=True)
    ] == [
        ("assert await session.scalar(ONE) == 1", ["checkout", "BEGIN (implicit)", "SELECT 1"]),
        ("await session.commit()", ["COMMIT", "checkin"]),
        ("await session.scalar(ONE)", ["checkout", "BEGIN (implicit)", "SELECT 1"]),
        ("leaving async with AsyncSession(engine) as session:", ["ROLLBACK", "checkin"]),
    ]
    assert str(ledger.entries[1]).splitlines()[1:] == ["    transaction: COMMIT", "    pool: checkin"]


@asynchronous
async def test_an_error_stands_behind_its_statement(engine: AsyncEngine) -> None:
    with Ledger() as ledger, pytest.raises(DBAPIError):
        async with engine.connect() as connection:
            await connection.execute(text("SELECT nothing"))
    before, happened = ledger.entries[1].events[-2:]
    assert before.text == "SELECT nothing"
    assert happened.kind == "error" and "nothing" in happened.text


def test_sync_code(sync_engine: Engine) -> None:
    with Ledger() as ledger:
        ask(sync_engine)
    assert codes(ledger.entries) == [
        "with engine.connect() as connection:",
        "connection.execute(ONE)",
        "leaving with engine.connect() as connection:",
    ]


def test_only_the_files_that_are_yours(sync_engine: Engine) -> None:
    with Ledger([__file__]) as mine, Ledger(["/elsewhere.py"]) as other:
        ask(sync_engine)
    assert len(mine.entries) == 3
    assert [str(entry).splitlines()[0] for entry in other.entries] == ["no line of yours"]
    assert other.sql == mine.sql == ["SELECT 1"]


def test_a_statement_over_several_lines_is_named_by_its_first(sync_engine: Engine) -> None:
    with Ledger() as ledger, sync_engine.connect() as connection:
        _ = [
            connection.execute(
                ONE,
            )
        ]
    assert codes(ledger.entries)[1] == "_ = ["


@pytest.mark.parametrize(
    "source, expected",
    [
        ("a = (\n  1)\n\nb = 2\n", {1: 1, 2: 1, 4: 4}),
        ("with (a,\n  b):\n    # c\n    c(\n      d)\n", {1: 1, 2: 1, 4: 4, 5: 4}),
        ("if a:\n  b\nelif (c,\n  d):\n  '''\n  '''\n", {1: 1, 2: 2, 3: 3, 4: 3, 5: 5, 6: 5}),
        ("def f():\n  @g(\n  1)\n  def h(): ...\n", {1: 1, 2: 2, 3: 2, 4: 4}),
        ("a = 1\nb = (\n", {1: 1}),
        ("a = 1\n  b = 2\n c\n", {1: 1, 2: 2}),
        ("", {}),
    ],
)
def test_first_lines(source: str, expected: dict[int, int], tmp_path: Path) -> None:
    path = tmp_path / "source.py"
    path.write_text(source)
    assert module._first_lines(str(path)) == expected
    assert module._first_lines(str(tmp_path / "none.py")) == {}


@asynchronous
async def test_a_close_in_a_task_of_its_own(engine: AsyncEngine) -> None:
    async def work() -> None:
        async with AsyncSession(engine) as session:
            await session.execute(ONE)

    async def in_a_group() -> None:
        async with asyncio.TaskGroup() as group:
            group.create_task(work())

    ways: list[Callable[[], Awaitable[object]]] = [
        work,
        in_a_group,
        lambda: asyncio.gather(work()),
        lambda: asyncio.wait_for(work(), 600),
        lambda: asyncio.shield(work()),
        lambda: asyncio.shield(asyncio.gather(asyncio.create_task(work()))),
    ]
    for way in ways:
        with Ledger() as ledger:
            await way()
        assert codes(ledger.entries) == [
            "await session.execute(ONE)",
            "leaving async with AsyncSession(engine) as session:",
        ]


def library(source: str) -> dict[str, Any]:
    """The names that an installed package defines: its lines are not yours."""
    names: dict[str, Any] = {}
    exec(compile(source, "/venv/lib/site-packages/library.py", "exec"), names)
    return names


FOREIGN_HANDLE = """
import asyncio

class ForeignHandle(asyncio.Handle):
    __slots__ = ()

    def _run(self):
        self._context.run(self._callback, *self._args)
"""


class ForeignLoop(asyncio.SelectorEventLoop):
    """Like uvloop's: what runs its tasks is not asyncio's `Handle`."""

    kind: type[asyncio.Handle] = library(FOREIGN_HANDLE)["ForeignHandle"]

    def _call_soon(self, *args: Any) -> asyncio.Handle:
        handle: asyncio.Handle = super()._call_soon(*args)  # type: ignore[misc]
        handle.__class__ = self.kind
        return handle


def test_a_loop_that_is_not_of_asyncio() -> None:
    async def main() -> Ledger:
        engine = create_async_engine("sqlite+aiosqlite://")
        with Ledger() as ledger:
            async with AsyncSession(engine) as session:
                await session.execute(ONE)
        await engine.dispose()
        return ledger

    with asyncio.Runner(loop_factory=ForeignLoop) as runner:
        ledger = runner.run(main())
    assert codes(ledger.entries)[-1] == "leaving async with AsyncSession(engine) as session:"


LIBRARY = """
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

async def rows(engine, reached):
    session = AsyncSession(engine)
    try:
        await session.execute(text("SELECT 1"))
        yield 1
        await reached()
    finally:
        await session.close()
"""


@pytest.fixture
def library_rows() -> Callable[[AsyncEngine, Callable[[], Awaitable[None]]], AsyncIterator[int]]:
    """An async generator that is not yours, and holds a session."""
    rows: Callable[[AsyncEngine, Callable[[], Awaitable[None]]], AsyncIterator[int]] = library(LIBRARY)[
        "rows"
    ]
    return rows


@asynchronous
async def test_a_close_inside_an_async_generator_that_is_cancelled(
    engine: AsyncEngine, library_rows: Callable[..., AsyncIterator[int]]
) -> None:
    inside = asyncio.Event()

    async def reached() -> None:
        inside.set()
        await asyncio.Event().wait()

    async def consume() -> None:
        async for _ in library_rows(engine, reached):
            pass

    with Ledger() as ledger:
        task = asyncio.create_task(consume())
        await inside.wait()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
    assert codes(ledger.entries) == ["async for _ in library_rows(engine, reached):"]
    assert texts(ledger.entries[0])[-2:] == ["ROLLBACK", "checkin"]


@asynchronous
async def test_a_cancelled_async_generator_may_hide_the_line_that_iterates(
    engine: AsyncEngine, library_rows: Callable[..., AsyncIterator[int]]
) -> None:
    inside = asyncio.Event()

    async def reached() -> None:
        inside.set()
        await asyncio.Event().wait()

    async def consume() -> None:
        async for _ in library_rows(engine, reached):
            pass

    async def outer() -> None:
        await consume()

    with Ledger() as ledger:
        task = asyncio.create_task(outer())
        await inside.wait()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
    assert [
        code
        for code, entry in zip(codes(ledger.entries), ledger.entries, strict=True)
        if "ROLLBACK" in texts(entry)
    ] == ["await consume()"]


@asynchronous
async def test_nobody_waits_for_a_generator_that_was_left(
    engine: AsyncEngine, library_rows: Callable[..., AsyncIterator[int]]
) -> None:
    async def leave() -> None:
        async for _ in library_rows(engine, leave):
            return

    with Ledger() as ledger:
        await leave()
        gc.collect()
        while engine.pool.checkedout():  # type: ignore[attr-defined]
            await asyncio.sleep(0)
    assert codes(ledger.entries)[-1] == "" and texts(ledger.entries[-1]) == ["ROLLBACK", "checkin"]


# What is still out --------------------------------------------------------------------------------


@asynchronous
async def test_held_until_it_is_returned(engine: AsyncEngine) -> None:
    with Ledger() as ledger:
        connection = await engine.connect()
        assert codes(ledger.held) == ["connection = await engine.connect()"]
        await connection.close()
        assert ledger.held == ledger.lost == []
        assert codes(ledger.unclosed) == ["connection = await engine.connect()"]
        await engine.dispose()
        assert ledger.unclosed == []


@asynchronous
async def test_a_detached_connection_is_no_longer_the_pools(engine: AsyncEngine) -> None:
    with Ledger() as ledger:
        async with engine.connect() as connection:
            assert connection.sync_connection is not None
            await connection.run_sync(lambda sync: sync.detach())
            assert ledger.held == ledger.lost == []
            assert len(ledger.unclosed) == 1
            await connection.execute(ONE)
            async with engine.connect() as other:
                await other.execute(ONE)
                assert len(ledger.held) == 1
        assert ledger.held == ledger.lost == []
        # One is in its pool. SQLAlchemy cannot close the other on psycopg, which has no `terminate`.
        assert len(ledger.unclosed) == (2 if engine.driver == "psycopg" else 1)
    assert [one.connection for entry in ledger.entries for one in entry.events if one.kind == "sql"] == [1, 2]


@asynchronous
@pytest.mark.filterwarnings(
    "ignore:The garbage collector:sqlalchemy.exc.SAWarning", "ignore::ResourceWarning"
)
async def test_what_the_garbage_collector_finds_is_lost(engine: AsyncEngine) -> None:
    async def lose() -> None:
        session = AsyncSession(engine)
        await session.execute(ONE)

    before = set(threading.enumerate())
    with Ledger() as ledger:
        await lose()
        gc.collect()
        assert ledger.held == []
        assert codes(ledger.lost) == ["await session.execute(ONE)"]
    for thread in set(threading.enumerate()) - before:
        await asyncio.to_thread(thread.join)  # aiosqlite's still needs this loop.


def test_a_sync_engine_takes_back_what_the_garbage_collector_finds(sync_engine: Engine) -> None:
    with Ledger() as ledger:
        connection = sync_engine.connect()
        connection.execute(ONE)
        del connection
        gc.collect()
        assert ledger.held == ledger.lost == []
    assert ledger.entries[-1].events[-1].text == "checkin"


def test_a_checkout_that_another_listener_refuses(sync_engine: Engine) -> None:
    ask(sync_engine)
    stale = [True]

    def refuse(*_: object) -> None:
        if stale:
            stale.clear()
            raise DisconnectionError

    event.listen(sync_engine, "checkout", refuse)
    with Ledger() as ledger:
        ask(sync_engine)
    assert [one.text for one in ledger.entries[0].events if one.kind == "pool"] == [
        "checkout", "invalidate", "close", "connect", "checkout",
    ]  # fmt: skip
    assert ledger.held == []


@asynchronous
async def test_what_happens_outside_is_not_known(engine: AsyncEngine) -> None:
    async with engine.connect():
        with Ledger() as late:
            assert late.held == []
            connection = await engine.connect()
        await connection.close()
    assert codes(late.held) == ["connection = await engine.connect()"]


@asynchronous
async def test_sqlite_in_memory_has_one_connection_for_all() -> None:
    engine = create_async_engine("sqlite+aiosqlite://")
    with Ledger() as ledger:
        async with engine.connect(), engine.connect():
            assert len(ledger.held) == 1
        assert ledger.held == []
        await engine.dispose()
    assert ledger.unclosed == []


# It harms nobody ----------------------------------------------------------------------------------


@asynchronous
async def test_a_pool_does_not_keep_it(engine: AsyncEngine) -> None:
    async with engine.connect() as first, engine.connect() as second:
        await first.execute(ONE)
        await second.execute(ONE)
    finished: list[weakref.ref[Ledger]] = []
    for _ in range(20):
        with Ledger() as ledger:
            await ask_async(engine)
            finished.append(weakref.ref(ledger))
    del ledger
    gc.collect()
    assert [ledger() for ledger in finished] == [None] * 20
    async with engine.connect() as connection:
        mark = (await connection.get_raw_connection()).info[Ledger]
    assert type(mark) is object, "what stays there refers to nothing"


def listeners() -> set[object]:
    return {key for key in registry._key_to_collection if key[0] in (id(Pool), id(Engine))}


def test_a_block_adds_no_listener() -> None:
    before = listeners()
    with Ledger(), Ledger():
        assert listeners() == before


@pytest.fixture
def hurried() -> Iterator[None]:
    """Threads change places as often as they can."""
    interval = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    yield
    sys.setswitchinterval(interval)


@pytest.mark.usefixtures("hurried")
def test_opening_and_closing_does_not_disturb_other_threads(sync_engine: Engine) -> None:
    errors: list[BaseException] = []
    ready, done = threading.Barrier(5), threading.Event()

    def work() -> None:
        ready.wait()
        while not done.is_set():
            try:
                ask(sync_engine)
            except Exception as error:
                errors.append(error)

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    ready.wait()
    for _ in range(300):
        with Ledger(), Ledger():
            pass
    done.set()
    for thread in threads:
        thread.join()
    assert errors == []
    assert isinstance(sync_engine.pool, QueuePool) and sync_engine.pool.checkedout() == 0


def in_a_thread(work: Callable[[], object], within: float) -> bool:
    """Whether it ended. A thread that hangs is left behind."""
    thread = threading.Thread(target=work, daemon=True)
    thread.start()
    thread.join(within)
    return not thread.is_alive()


def test_the_garbage_collector_may_return_a_connection_at_any_moment(
    sync_engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    getline = linecache.getline

    def collect_and_get_line(*args: Any) -> str:
        gc.collect()
        return getline(*args)

    def leave_a_cycle() -> None:
        cycle = SimpleNamespace(connection=sync_engine.connect())
        cycle.itself = cycle

    monkeypatch.setattr(linecache, "getline", collect_and_get_line)
    with Ledger() as ledger:
        gc.disable()
        leave_a_cycle()
        assert in_a_thread(lambda: ask(sync_engine), within=60), "a listener waits for itself"
        gc.enable()
        assert ledger.held == []


def broken(*_: object) -> None:
    raise LookupError("a fault of the ledger's own")


@asynchronous
@pytest.mark.parametrize(
    "step", ["_on_pool", "_on_reset", "_on_transaction", "_on_execute", "_on_error", "_caller"]
)
async def test_its_own_fault_is_not_the_applications(
    engine: AsyncEngine, step: str, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(Ledger, step, broken)
    with Ledger(), caplog.at_level(logging.ERROR):
        await ask_async(engine)
        with pytest.raises(DBAPIError, match="nothing"):
            async with engine.connect() as connection:
                await connection.execute(text("SELECT nothing"))
        async with engine.connect() as connection:
            await connection.run_sync(lambda sync: sync.detach())
    assert "The ledger could not record this" in caplog.text
    assert "a fault of the ledger's own" in caplog.text
    caplog.clear()
    assert engine.pool.checkedout() == 0  # type: ignore[attr-defined]


@asynchronous
async def test_a_callback_whose_closure_is_empty(
    engine: AsyncEngine, library_rows: Callable[..., AsyncIterator[int]]
) -> None:
    ended = asyncio.Event()

    def call_back(_: object) -> Callable[[], bool]:
        ended.set()
        return lambda: later

    with Ledger() as ledger:
        task: asyncio.Task[int] = asyncio.create_task(anext(library_rows(engine, ask)))  # type: ignore[arg-type]
        task.add_done_callback(call_back)
        await ended.wait()
        later = True
    assert ledger.sql == ["SELECT 1"]


def test_a_checkin_without_a_checkout() -> None:
    import sqlite3

    reachable = [True]

    def connect() -> sqlite3.Connection:
        if not reachable:
            raise sqlite3.OperationalError("the database is gone")
        return sqlite3.connect(":memory:")

    engine = create_engine("sqlite://", creator=connect, poolclass=QueuePool, pool_size=1, max_overflow=0)
    with Ledger() as ledger:
        with engine.connect() as connection:
            connection.invalidate()
        reachable.clear()
        with pytest.raises(OperationalError, match="the database is gone"):
            ask(engine)
        assert ledger.entries[-2].events[-1].text == "checkin"
        assert ledger.held == []
        reachable.append(True)
        ask(engine)
    engine.dispose()


def test_an_error_without_a_connection(tmp_path: Path) -> None:
    engine = create_engine(f"sqlite:///{tmp_path / 'nowhere' / 'none.db'}")
    with Ledger() as ledger, pytest.raises(OperationalError, match="unable to open"):
        ask(engine)
    (happened,) = [one for entry in ledger.entries for one in entry.events]
    assert (happened.kind, happened.connection) == ("error", 1)


def test_an_error_on_a_connection_that_is_closed_stays_what_it_is(tmp_path: Path) -> None:
    engine = create_engine(f"sqlite:///{tmp_path / 'closed.db'}", poolclass=NullPool)
    with Ledger() as ledger:
        with engine.connect() as connection:
            result = connection.execute(text("SELECT 1 UNION SELECT 2"))
        with pytest.raises(DBAPIError, match="closed database"):
            result.fetchone()
    assert ledger.entries[-1].events[-1].kind == "error"


@asynchronous
async def test_an_error_before_the_first_use_stays_what_it_is(
    engine: AsyncEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    """SQLAlchemy examines its first connection in a way that has no `info`."""

    def version(connection: Connection) -> object:
        return connection.exec_driver_sql("SELECT nothing")

    monkeypatch.setattr(engine.dialect, "_get_server_version_info", version)
    with Ledger() as ledger, pytest.raises(DBAPIError, match="nothing"):
        await ask_async(engine)
    assert [one.kind for entry in ledger.entries for one in entry.events] == ["pool", "error"]
    assert ledger.held == []


@asynchronous
async def test_nothing_is_sent_to_a_connection_that_is_invalid(engine: AsyncEngine) -> None:
    with Ledger() as ledger:
        async with engine.connect() as connection:
            await connection.execute(ONE)
            await connection.invalidate()
            await connection.rollback()
    assert "ROLLBACK" not in str(ledger)
    assert ledger.held == ledger.unclosed == []


def test_other_threads_may_parse() -> None:
    """On Python 3.11 an `ast.parse` fails if another thread has its turn in the middle of it."""

    def parse_elsewhere(*_: object) -> None:
        thread = threading.Thread(target=ast.parse, args=("1",))
        thread.start()
        thread.join()

    threshold = gc.get_threshold()
    gc.callbacks.append(parse_elsewhere)
    gc.set_threshold(300)
    try:
        first = module._first_lines.__wrapped__(__file__)
    finally:
        gc.set_threshold(*threshold)
        gc.callbacks.remove(parse_elsewhere)
    assert len(first) > 100


# However a block ends -----------------------------------------------------------------------------


@asynchronous
async def test_an_exception_inside_is_passed_on(engine: AsyncEngine) -> None:
    ledger = Ledger()
    with pytest.raises(ZeroDivisionError), ledger:
        async with engine.connect() as connection:
            await connection.execute(ONE)
            _ = 1 / 0
    assert ledger.sql == ["SELECT 1"] and ledger.held == []
    await ask_async(engine)
    assert ledger.sql == ["SELECT 1"], "it no longer listens"


class Cancelling:
    """Await a coroutine, and cancel the task at one of the moments at which it waits."""

    def __init__(self, work: Callable[[], Generator[Any, Any, Any]], at: int) -> None:
        self._work, self._at = work, at
        self.happened = False

    def __await__(self) -> Generator[Any, Any, None]:
        step: Callable[..., Any] = (running := self._work()).send
        value: Any = None
        for number in itertools.count():
            try:
                future = step(value)
            except StopIteration:
                return
            if number == self._at:
                self.happened = True
                task = asyncio.current_task()
                assert task is not None
                task.cancel()
            try:
                value = yield future
                step = running.send
            except BaseException as error:
                value, step = error, running.throw


@asynchronous
async def test_cancelled_at_each_await(make_engine: Callable[..., AsyncEngine]) -> None:
    engine = make_engine(pool_size=1, max_overflow=0)

    async def work(ledger: Ledger) -> None:
        with ledger:
            async with AsyncSession(engine) as session:
                await session.execute(ONE)
                await session.commit()
                await session.execute(ONE)

    for at in itertools.count():
        inside = Ledger()
        with Ledger() as around:
            cancelling = Cancelling(lambda ledger=inside: work(ledger).__await__(), at)  # type: ignore[misc]

            async def cancelled(cancelling: Cancelling = cancelling) -> None:
                await cancelling

            (outcome,) = await asyncio.gather(asyncio.create_task(cancelled()), return_exceptions=True)
            assert inside not in module._open
            while engine.pool.checkedout():  # type: ignore[attr-defined]
                await asyncio.sleep(0)  # A close that is shielded goes on.
        assert around.held == around.lost == []
        if not cancelling.happened:
            break
        assert isinstance(outcome, asyncio.CancelledError), at
    assert at > 3
    assert inside.sql == around.sql == ["SELECT 1", "SELECT 1"]


# Several ----------------------------------------------------------------------------------------


@asynchronous
async def test_two_engines(make_engine: Callable[..., AsyncEngine]) -> None:
    first, second = make_engine(), make_engine()
    with Ledger() as ledger:
        async with first.connect() as one, second.connect() as other:
            await other.execute(ONE)
            await one.execute(ONE)
    assert "    sql #2: SELECT 1" in str(ledger.entries[1]) and "    sql: SELECT 1" in str(ledger.entries[2])


def test_no_engine_yet(tmp_path: Path) -> None:
    with Ledger() as ledger:
        engine = create_engine(f"sqlite:///{tmp_path / 'later.db'}")
        ask(engine)
        engine.dispose()
    assert ledger.sql == ["SELECT 1"] and ledger.unclosed == []


def test_two_loops(url: str) -> None:
    async def main() -> None:
        engine = create_async_engine(url)
        await ask_async(engine)
        await engine.dispose()

    with Ledger() as ledger:
        asyncio.run(main())
        asyncio.run(main())
    assert ledger.sql == ["SELECT 1", "SELECT 1"]
    assert ledger.held == ledger.unclosed == []
    assert {entry.code for entry in ledger.entries} == {
        "async with engine.connect() as connection:",
        "await connection.execute(ONE)",
        "await engine.dispose()",
    }


def test_threads_stand_in_the_order_of_time(sync_engine: Engine) -> None:
    with Ledger() as ledger, ThreadPoolExecutor(1) as first, ThreadPoolExecutor(1) as second:
        one = first.submit(sync_engine.connect).result()
        other = second.submit(sync_engine.connect).result()
        first.submit(lambda: one.execute(ONE)).result()
        second.submit(lambda: other.execute(text("SELECT 2"))).result()
        first.submit(lambda: one.close()).result()
        second.submit(lambda: other.close()).result()
    assert codes(ledger.entries) == [
        "",  # The thread itself opened it: no line of yours is on its stack.
        "first.submit(lambda: one.execute(ONE)).result()",
        'second.submit(lambda: other.execute(text("SELECT 2"))).result()',
        "first.submit(lambda: one.close()).result()",
        "second.submit(lambda: other.close()).result()",
    ]


@pytest.mark.usefixtures("hurried")
def test_threads_lose_nothing(sync_engine: Engine) -> None:
    def work() -> None:
        for _ in range(50):
            ask(sync_engine)

    with Ledger() as ledger, ThreadPoolExecutor(4) as threads:
        for future in [threads.submit(work) for _ in range(4)]:
            future.result()
    happened = [one for entry in ledger.entries for one in entry.events]
    for name in ("checkout", "BEGIN (implicit)", "SELECT 1", "ROLLBACK", "checkin"):
        assert sum(one.text == name for one in happened) == 200, name
    assert ledger.held == []
    connects = [one.connection for one in happened if one.text == "connect"]
    assert sorted(connects) == list(range(1, len(connects) + 1))


@settings(deadline=None, max_examples=50)
@given(st.lists(st.tuples(st.booleans(), st.integers(0, 2)), max_size=20))
def test_each_hears_what_happens_while_a_block_of_it_is_open(steps: list[tuple[bool, int]]) -> None:
    """Nested, in any order, one that is opened twice, one that is opened again."""
    engine = create_engine("sqlite://")
    ledgers = [Ledger(), Ledger(), Ledger()]
    blocks, expected = [0, 0, 0], [0, 0, 0]
    for opens, which in steps:
        if opens:
            ledgers[which].__enter__()
            blocks[which] += 1
        elif blocks[which]:
            ledgers[which].__exit__(None, None, None)
            blocks[which] -= 1
        ask(engine)
        expected = [before + bool(open_) for before, open_ in zip(expected, blocks, strict=True)]
    for ledger, count in zip(ledgers, blocks, strict=True):
        for _ in range(count):
            ledger.__exit__(None, None, None)
    assert [len(ledger.sql) for ledger in ledgers] == expected
    assert [ledger.held for ledger in ledgers] == [[], [], []]
    engine.dispose()


@asynchronous
async def test_one_that_is_opened_again_knows_its_connections(engine: AsyncEngine) -> None:
    ledger = Ledger()
    with ledger:
        async with engine.connect() as one, engine.connect() as other:
            await one.execute(ONE)
            await other.execute(ONE)
    with ledger:
        async with engine.connect() as one, engine.connect() as other:
            await one.execute(ONE)
            await other.execute(ONE)
    numbers = [happened.connection for entry in ledger.entries for happened in entry.events]
    assert set(numbers) == {1, 2}
