from __future__ import annotations

import asyncio
import functools
import gc
import importlib.util
import logging
import random
import shutil
import sys
import threading
import time
import timeit
import weakref
from collections.abc import Awaitable, Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import Any
from unittest.mock import MagicMock

import anyio
import pytest
from sqlalchemy import Engine, Pool, create_engine, event, text
from sqlalchemy.engine import Connection
from sqlalchemy.exc import TimeoutError as PoolTimeoutError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, AsyncSession, create_async_engine
from sqlalchemy.pool import (
    AssertionPool,
    AsyncAdaptedQueuePool,
    NullPool,
    QueuePool,
    SingletonThreadPool,
    StaticPool,
)

from snippets.toolkit import checkouts as checkouts_module
from snippets.toolkit.checkouts import Checkout, Checkouts, Place

MakeEngine = Callable[..., AsyncEngine]

SOON = 30.0
"""Seconds. What takes longer never happens; nothing here is expected to take a tenth of it."""


@pytest.fixture
def sync_engine(tmp_path: Path) -> Iterator[Engine]:
    engine = create_engine(f"sqlite:///{tmp_path}/sync.db", poolclass=QueuePool)
    yield engine
    engine.dispose()


async def until(done: threading.Event) -> None:
    assert await asyncio.to_thread(done.wait, SOON)


def wait_until(condition: Callable[[], bool]) -> None:
    end = time.monotonic() + SOON
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.005)


def no_watcher_runs() -> bool:
    return all(thread.name != "checkouts" for thread in threading.enumerate())


class Reports:
    """Collects what is reported; the first report lasts until it is told to end."""

    def __init__(self, *, blocks: bool = False) -> None:
        self.seen: list[Checkout] = []
        self.texts: list[str] = []
        self.any = threading.Event()
        self.go_on = threading.Event()
        if not blocks:
            self.go_on.set()

    def __call__(self, checkout: Checkout) -> None:
        self.seen.append(checkout)
        self.texts.append(str(checkout))
        self.any.set()
        assert self.go_on.wait(SOON)

    def by(self, function: str) -> list[Checkout]:
        return [
            checkout for checkout in self.seen if checkout.taken and checkout.taken[0].function == function
        ]

    async def of(self, function: str) -> None:
        await asyncio.to_thread(wait_until, lambda: bool(self.by(function)))


# What is reported --------------------------------------------------------------------------------


@pytest.mark.asyncio
async def test_what_came_back_while_another_report_was_slow_is_not_reported(make_engine: MakeEngine) -> None:
    engine = make_engine(poolclass=NullPool)

    async def slow() -> AsyncConnection:
        return await engine.connect()

    async def innocent() -> AsyncConnection:
        return await engine.connect()

    async def later() -> AsyncConnection:
        return await engine.connect()

    reports = Reports(blocks=True)
    with Checkouts(longer_than=0.3, report=reports):
        first, second = await slow(), await innocent()
        await until(reports.any)  # The watcher has seen both, and is busy with the first.
        await second.close()
        reports.go_on.set()
        third = await later()
        await reports.of("later")
        assert not reports.by("innocent")
        assert [len(reports.by(name)) for name in ("slow", "later")] == [1, 1]
    await first.close()
    await third.close()


@pytest.mark.asyncio
async def test_a_report_says_what_was_true_when_it_was_made(engine: AsyncEngine) -> None:
    reports = Reports()
    with Checkouts(longer_than=0.05, report=reports) as checkouts:
        async with engine.connect() as connection:
            await connection.execute(text("SELECT 1"))
            await until(reports.any)
            assert reports.seen[0].age > 0.05
            assert checkouts.out[0].age > reports.seen[0].age
        assert str(reports.seen[0]) == reports.texts[0]
        assert checkouts.out == []


@pytest.mark.asyncio
async def test_each_checkout_is_reported_once(make_engine: MakeEngine) -> None:
    engine = make_engine(pool_size=2)
    reports = Reports()

    async def first() -> AsyncConnection:
        return await engine.connect()

    async def second() -> AsyncConnection:
        return await engine.connect()

    async def third() -> AsyncConnection:
        return await engine.connect()

    with Checkouts(longer_than=0, report=reports):
        one = await first()
        await reports.of("first")
        two = await second()
        await reports.of("second")  # In a later round, which has seen the first again.
        await two.close()
        three = await third()  # What the second had.
        await reports.of("third")
        await one.close()
        await three.close()
    assert [checkout.taken[0].function for checkout in reports.seen] == ["first", "second", "third"]


@pytest.mark.asyncio
async def test_by_default_a_report_is_a_warning(
    engine: AsyncEngine, caplog: pytest.LogCaptureFixture
) -> None:
    with Checkouts(longer_than=0.05):
        async with engine.connect():
            await asyncio.to_thread(wait_until, lambda: bool(caplog.records))
    (record,) = caplog.records
    assert record.levelno == logging.WARNING
    lines = record.getMessage().splitlines()
    assert lines[0].startswith("connection held for 0.")
    assert "taken at test_checkouts.py:" in lines[1]
    assert "now at test_checkouts.py:" in lines[-1]


@pytest.mark.asyncio
async def test_a_blocked_event_loop_is_reported(engine: AsyncEngine) -> None:
    reports = Reports()
    with Checkouts(longer_than=0.05, report=reports):
        async with engine.connect():
            assert reports.any.wait(SOON)  # Not awaited: the loop stands still.


def seen_by_another_thread(checkouts: Checkouts) -> Place | None:
    with ThreadPoolExecutor() as other:
        return other.submit(lambda: checkouts.out[0].now).result(SOON)


@pytest.mark.asyncio
async def test_the_line_that_blocks_the_event_loop_is_found(engine: AsyncEngine) -> None:
    with Checkouts() as checkouts:
        async with engine.connect():
            now = seen_by_another_thread(checkouts)
    assert now is not None and now.function == "seen_by_another_thread"


@pytest.mark.asyncio
async def test_code_inside_run_sync_is_found(engine: AsyncEngine) -> None:
    found: list[Place | None] = []

    def blocks(connection: Connection) -> None:
        connection.execute(text("SELECT 1"))
        with ThreadPoolExecutor() as other:
            found.append(other.submit(lambda: checkouts.out[0].now).result(SOON))

    with Checkouts() as checkouts:
        async with engine.connect() as connection:
            await connection.run_sync(blocks)
    assert found[0] is not None and found[0].function == "blocks"


@pytest.mark.parametrize("error", [ValueError("no"), SystemExit(1)])
def test_a_report_that_raises_ends_nothing(
    sync_engine: Engine, error: BaseException, caplog: pytest.LogCaptureFixture
) -> None:
    seen: list[Checkout] = []

    def report(checkout: Checkout) -> None:
        seen.append(checkout)
        raise error

    with Checkouts(longer_than=0, report=report):
        with sync_engine.connect():
            wait_until(lambda: len(seen) == 1)
        with sync_engine.connect():
            wait_until(lambda: len(seen) == 2)
    assert {record.getMessage() for record in caplog.records} == {"reporting a checkout"}


def test_the_block_ends_while_a_report_hangs(sync_engine: Engine) -> None:
    reports = Reports(blocks=True)
    with sync_engine.connect() as kept, sync_engine.connect() as kept_too:
        with Checkouts(longer_than=0, report=reports), sync_engine.connect(), sync_engine.connect():
            assert reports.any.wait(SOON)
        assert not reports.go_on.is_set()  # It still hangs.
        kept.execute(text("SELECT 1"))
        kept_too.execute(text("SELECT 1"))
    reports.go_on.set()
    wait_until(no_watcher_runs)
    assert len(reports.seen) == 1


def test_nothing_is_reported_after_the_block(sync_engine: Engine) -> None:
    reports = Reports(blocks=True)
    with ExitStack() as stack:
        with Checkouts(longer_than=0, report=reports):
            stack.enter_context(sync_engine.connect())
            stack.enter_context(sync_engine.connect())
            assert reports.any.wait(SOON)
        reports.go_on.set()
        wait_until(no_watcher_runs)
        assert len(reports.seen) == 1


def test_a_report_may_use_the_pool(sync_engine: Engine) -> None:
    answers: list[Any] = []

    def report(checkout: Checkout) -> None:
        with sync_engine.connect() as connection:
            answers.append(connection.scalar(text("SELECT 'from the report'")))

    with Checkouts(longer_than=0, report=report) as checkouts:
        with sync_engine.connect():
            wait_until(lambda: bool(answers))
        wait_until(lambda: not checkouts.out)
    assert answers == ["from the report"]


def test_a_report_that_finds_the_pool_empty_fails_alone(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    engine = create_engine(
        f"sqlite:///{tmp_path}/sync.db", poolclass=QueuePool, pool_size=1, max_overflow=0, pool_timeout=0.01
    )
    failed: list[Exception] = []

    def report(checkout: Checkout) -> None:
        try:
            engine.connect()
        except PoolTimeoutError as error:
            failed.append(error)
            raise

    with Checkouts(longer_than=0, report=report):
        for expected in (1, 2):
            with engine.connect():
                wait_until(lambda expected=expected: len(failed) == expected)  # type: ignore[misc]
    engine.dispose()


@pytest.mark.parametrize("longer_than", [float("inf"), 1e12, 0, -1])
def test_any_limit_keeps_the_watcher_alive(sync_engine: Engine, longer_than: float) -> None:
    reports = Reports()
    with Checkouts(longer_than=longer_than, report=reports), sync_engine.connect():
        if longer_than > 1:
            time.sleep(0.05)
            assert not no_watcher_runs() and not reports.seen
        else:
            assert reports.any.wait(SOON)


# Who took it, and whether it has ended -----------------------------------------------------------


@pytest.mark.asyncio
async def test_a_session_that_its_task_did_not_close_is_lost(engine: AsyncEngine) -> None:
    kept = AsyncSession(engine)

    async def loses() -> None:
        await kept.execute(text("SELECT 1"))

    with Checkouts() as checkouts:
        await asyncio.create_task(loses(), name="job")
        # This task has waited for it, so it is not lost yet.
        (checkout,) = checkouts.out
        assert not checkout.ended
    await kept.close()


async def by_wait_for(work: Awaitable[None]) -> None:
    await asyncio.wait_for(work, timeout=SOON)


async def by_gather(work: Awaitable[None]) -> None:
    await asyncio.gather(work, asyncio.sleep(0))


async def by_gather_of_gather(work: Awaitable[None]) -> None:
    await asyncio.gather(asyncio.gather(work), asyncio.sleep(0))


async def by_shield(work: Awaitable[None]) -> None:
    await asyncio.shield(work)


async def by_task(work: Awaitable[None]) -> None:
    await asyncio.ensure_future(work)


async def by_wait(work: Awaitable[None]) -> None:
    await asyncio.wait([asyncio.ensure_future(work)])


async def by_task_group(work: Awaitable[None]) -> None:
    async def child() -> None:
        await work

    async with asyncio.TaskGroup() as group:
        group.create_task(child())


async def by_anyio(work: Awaitable[None]) -> None:
    async def child() -> None:
        await work

    async with anyio.create_task_group() as group:  # As Starlette's middleware does.
        group.start_soon(child)


OWNERS = [by_wait_for, by_gather, by_gather_of_gather, by_shield, by_task, by_wait, by_task_group, by_anyio]


@pytest.mark.parametrize("owner_waits", OWNERS)
@pytest.mark.asyncio
async def test_the_owner_of_the_session_still_has_it(
    engine: AsyncEngine, owner_waits: Callable[[Awaitable[None]], Awaitable[None]]
) -> None:
    asked, go_on = asyncio.Event(), asyncio.Event()
    kept: list[AsyncSession] = []

    async def query(session: AsyncSession) -> None:
        await session.execute(text("SELECT 1"))

    async def owner() -> None:
        session = AsyncSession(engine)
        kept.append(session)
        await owner_waits(query(session))
        asked.set()
        await go_on.wait()

    with Checkouts() as checkouts:
        running = asyncio.create_task(owner(), name="owner")
        await asked.wait()
        (checkout,) = checkouts.out
        assert not checkout.ended
        assert checkout.now is not None and checkout.now.code == "await go_on.wait()"
        assert "ended" not in str(checkout) or "owner" in str(checkout)
        go_on.set()
        await running
        (checkout,) = checkouts.out
        assert checkout.ended and checkout.now is None, "now it is lost"
        assert "the task that took it has ended" in str(checkout)
        await kept[0].close()
        assert checkouts.out == []


@pytest.mark.asyncio
async def test_who_waits_in_another_way_is_not_found(engine: AsyncEngine) -> None:
    """The limit that the docstring names: here the owner holds the session, and `ended` is true."""
    done, go_on, session = asyncio.Event(), asyncio.Event(), AsyncSession(engine)

    async def query() -> None:
        await session.execute(text("SELECT 1"))
        done.set()

    async def owner() -> None:
        querying = asyncio.create_task(query())
        await done.wait()
        await querying
        await go_on.wait()
        await session.close()

    with Checkouts() as checkouts:
        running = asyncio.create_task(owner())
        await done.wait()
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        assert checkouts.out[0].ended
        go_on.set()
        await running
        assert checkouts.out == []


@pytest.mark.asyncio
async def test_the_line_that_took_it_is_found_through_tasks(engine: AsyncEngine) -> None:
    session = AsyncSession(engine)
    with Checkouts() as checkouts:
        await asyncio.gather(session.execute(text("SELECT 1")))
        (checkout,) = checkouts.out
        assert checkout.taken[0].code == 'await asyncio.gather(session.execute(text("SELECT 1")))'
    await session.close()


@pytest.mark.asyncio
async def test_it_is_lost_only_when_all_who_waited_have_ended(engine: AsyncEngine) -> None:
    session, asked = AsyncSession(engine), asyncio.Event()
    go_on = {"first": asyncio.Event(), "second": asyncio.Event()}

    async def query() -> None:
        await asked.wait()
        await session.execute(text("SELECT 1"))

    querying = asyncio.create_task(query())

    async def owner(name: str) -> None:
        await querying
        await go_on[name].wait()

    with Checkouts() as checkouts:
        owners = [asyncio.create_task(owner(name), name=name) for name in go_on]
        await asyncio.sleep(0)
        asked.set()
        await asyncio.wait([querying])
        for name, running in zip(go_on, owners, strict=True):
            assert checkouts.out[0].waiter == name
            go_on[name].set()
            await running
        # This test itself waited, too.
        assert not checkouts.out[0].ended
    await session.close()


@pytest.mark.asyncio
async def test_who_is_named_in_a_callback_of_yours_does_not_wait(engine: AsyncEngine) -> None:
    session, innocent = AsyncSession(engine), asyncio.create_task(asyncio.sleep(SOON))

    async def query() -> None:
        await session.execute(text("SELECT 1"))

    with Checkouts() as checkouts:
        querying = asyncio.create_task(query())
        querying.add_done_callback(lambda task: innocent.done())
        querying.add_done_callback(functools.partial(lambda *tasks: None, innocent))
        while not querying.done():
            await asyncio.sleep(0.005)
        assert checkouts.out[0].ended and not checkouts.out[0].waiter
    innocent.cancel()
    await session.close()


@pytest.mark.asyncio
async def test_odd_callbacks_hide_nothing(engine: AsyncEngine) -> None:
    class Odd:
        args = 0

        def __call__(self, task: asyncio.Future[Any]) -> None:
            pass

    async def take() -> AsyncConnection:
        return await engine.connect()

    with Checkouts() as checkouts:
        taking = asyncio.create_task(take())
        empty = with_an_empty_cell()
        odd: list[Callable[[Any], object]] = [
            Odd(),
            MagicMock(),
            functools.partial(print, end=""),
            next(empty),
        ]
        for callback in odd:
            taking.add_done_callback(callback)
        connection = await taking
        assert checkouts.out[0].taken[0].function == "take"
        await connection.close()


def with_an_empty_cell() -> Iterator[Callable[[Any], object]]:
    later: int

    def callback(task: Any) -> object:
        return later if task is None else None

    yield callback
    later = 0


# What is out -------------------------------------------------------------------------------------


@pytest.mark.asyncio
async def test_what_was_out_before_is_not_known(make_engine: MakeEngine) -> None:
    engine = make_engine(poolclass=None)
    async with engine.connect():
        with Checkouts() as checkouts:
            assert checkouts.out == []
            async with engine.connect():
                assert len(checkouts.out) == 1
        assert checkouts.out == []


@pytest.mark.asyncio
async def test_what_comes_back_after_the_block_is_not_out(engine: AsyncEngine) -> None:
    with Checkouts() as checkouts:
        connection = await engine.connect()
    assert len(checkouts.out) == 1, "it is still out"
    other = await engine.connect()
    assert len(checkouts.out) == 1, "what is taken after the block is not known"
    await connection.close()
    assert checkouts.out == []
    await other.close()


@pytest.mark.asyncio
async def test_the_same_object_twice(engine: AsyncEngine) -> None:
    checkouts = Checkouts()
    with checkouts:
        async with engine.connect():
            assert len(checkouts.out) == 1
        with checkouts:
            async with engine.connect():
                assert len(checkouts.out) == 1
        async with engine.connect():
            assert len(checkouts.out) == 1, "the outer block is still open"
    with checkouts:
        async with engine.connect():
            assert len(checkouts.out) == 1
    wait_until(no_watcher_runs)


@pytest.mark.asyncio
async def test_two_that_end_in_the_other_order(engine: AsyncEngine) -> None:
    first, second = Checkouts(), Checkouts()
    first.__enter__()
    one = await engine.connect()
    second.__enter__()
    two = await engine.connect()
    first.__exit__(None, None, None)
    three = await engine.connect()
    assert (len(first.out), len(second.out)) == (2, 2)
    second.__exit__(None, None, None)
    for connection in (one, two, three):
        await connection.close()
    assert (first.out, second.out) == ([], [])


@pytest.mark.asyncio
async def test_an_exception_in_the_body(engine: AsyncEngine) -> None:
    checkouts = Checkouts()
    with pytest.raises(ZeroDivisionError), checkouts:
        async with engine.connect():
            raise ZeroDivisionError
    async with engine.connect():
        assert checkouts.out == []
    wait_until(no_watcher_runs)


@pytest.mark.asyncio
async def test_two_engines_are_both_watched(make_engine: MakeEngine) -> None:
    with Checkouts() as checkouts:
        first, second = make_engine(), make_engine()  # Neither was there when it began.
        async with first.connect(), second.connect():
            assert len(checkouts.out) == 2
        assert checkouts.out == []


def test_two_event_loops(url: str) -> None:
    out, leave = threading.Barrier(3), threading.Barrier(3)

    async def hold() -> None:
        engine = create_async_engine(url)
        async with engine.connect() as connection:
            await connection.execute(text("SELECT 1"))
            await asyncio.to_thread(out.wait, SOON)
            await asyncio.to_thread(leave.wait, SOON)
        await engine.dispose()

    with Checkouts() as checkouts:
        threads = [threading.Thread(target=asyncio.run, args=[hold()]) for _ in range(2)]
        for thread in threads:
            thread.start()
        out.wait(SOON)
        places = [checkout.now for checkout in checkouts.out]
        assert len(places) == 2
        assert all(place is not None and place.function == "hold" for place in places)
        leave.wait(SOON)
        for thread in threads:
            thread.join(SOON)
        assert checkouts.out == []


@pytest.mark.asyncio
async def test_who_is_cancelled_while_waiting_for_a_connection_has_none(make_engine: MakeEngine) -> None:
    engine = make_engine(poolclass=AsyncAdaptedQueuePool, pool_size=1, max_overflow=0)

    async def take() -> None:
        async with engine.connect():
            raise AssertionError("it got one")

    with Checkouts() as checkouts:
        async with engine.connect():
            waiting = asyncio.create_task(take())
            await asyncio.sleep(0.05)
            waiting.cancel()
            with suppress(asyncio.CancelledError):
                await waiting
            assert len(checkouts.out) == 1
        assert checkouts.out == []


@pytest.mark.asyncio
async def test_a_memory_database_has_one_connection_and_many_checkouts() -> None:
    engine = create_async_engine("sqlite+aiosqlite://", poolclass=StaticPool)
    with Checkouts() as checkouts:
        first = await engine.connect()
        second = await engine.connect()
        assert len(checkouts.out) == 2
        await first.close()
        assert len(checkouts.out) == 1
        await second.close()
        assert checkouts.out == []
    await engine.dispose()


# What the pool has lost --------------------------------------------------------------------------


async def detached(connection: AsyncConnection) -> None:
    (await connection.get_raw_connection()).detach()


async def invalidated(connection: AsyncConnection) -> None:
    await connection.invalidate()


async def closed_after_dispose(connection: AsyncConnection) -> None:
    await connection.engine.dispose()
    await connection.close()


ENDS = [AsyncConnection.close, detached, invalidated, closed_after_dispose]


@pytest.mark.parametrize("options", [{}, {"poolclass": NullPool}], ids=["pool", "NullPool"])
@pytest.mark.parametrize("end", ENDS)
@pytest.mark.asyncio
async def test_nothing_stays_known(
    make_engine: MakeEngine, end: Callable[[AsyncConnection], Awaitable[None]], options: dict[str, Any]
) -> None:
    engine = make_engine(**options)
    records: list[weakref.ref[object]] = []

    @event.listens_for(engine.sync_engine, "checkout")
    def remember(dbapi_connection: object, record: object, proxy: object) -> None:
        records.append(weakref.ref(record))

    with Checkouts() as checkouts:
        connection = await engine.connect()
        assert len(checkouts.out) == 1
        await end(connection)
        assert checkouts.out == []
        await connection.close()
        await engine.dispose()
        del connection
        gc.collect()
        assert [record() for record in records] == [None]
        assert not checkouts._held


@pytest.mark.asyncio
async def test_after_dispose_it_is_still_out(engine: AsyncEngine) -> None:
    with Checkouts() as checkouts:
        async with engine.connect():
            await engine.dispose()
            assert len(checkouts.out) == 1
        assert checkouts.out == []


@pytest.mark.asyncio
async def test_a_connection_that_is_invalidated_and_used_again(engine: AsyncEngine) -> None:
    with Checkouts() as checkouts:
        async with engine.connect() as connection:
            await connection.invalidate()
            assert checkouts.out == []
            await connection.rollback()
            await connection.execute(text("SELECT 1"))
            assert len(checkouts.out) == 1
        assert checkouts.out == []


@pytest.mark.filterwarnings("ignore:The garbage collector")
@pytest.mark.asyncio
async def test_what_the_garbage_collector_finds_is_no_longer_out(
    engine: AsyncEngine, sqlite_has_ended: Callable[[], bool]
) -> None:
    with Checkouts() as checkouts:
        await (await engine.connect()).execute(text("SELECT 1"))
        gc.collect()
        assert checkouts.out == []
    await asyncio.to_thread(wait_until, sqlite_has_ended)


def test_the_garbage_collector_gives_a_sync_connection_back(sync_engine: Engine) -> None:
    with Checkouts() as checkouts:
        connection = sync_engine.connect()
        assert len(checkouts.out) == 1
        del connection
        gc.collect()
        assert checkouts.out == []


def test_a_checkout_that_another_listener_refuses(sync_engine: Engine) -> None:
    @event.listens_for(sync_engine, "checkout")
    def refuse(dbapi_connection: object, record: object, proxy: object) -> None:
        raise ValueError("no")

    with Checkouts() as checkouts:
        with pytest.raises(ValueError) as raised:  # It keeps the traceback, and so the proxy.
            sync_engine.connect()
        assert checkouts.out == []
        del raised


def test_a_proxy_that_is_kept_keeps_no_record(sync_engine: Engine) -> None:
    records: list[weakref.ref[object]] = []

    @event.listens_for(sync_engine, "checkout")
    def remember(dbapi_connection: object, record: object, proxy: object) -> None:
        records.append(weakref.ref(record))

    with Checkouts() as checkouts:
        kept = sync_engine.raw_connection()
        kept.close()
        assert checkouts.out == []
        sync_engine.dispose()
        gc.collect()
        assert records[0]() is None
        del kept
        assert not checkouts._held


@pytest.mark.parametrize("pool", [QueuePool, NullPool, StaticPool, AssertionPool, SingletonThreadPool])
def test_every_kind_of_pool(tmp_path: Path, pool: type[Pool]) -> None:
    engine = create_engine(f"sqlite:///{tmp_path}/sync.db", poolclass=pool)
    with Checkouts() as checkouts:
        with engine.connect() as connection:
            connection.execute(text("SELECT 1"))
            assert len(checkouts.out) == 1
        assert checkouts.out == []
    engine.dispose()


def invalidate_softly(connection: Connection) -> None:
    if not connection.closed and not connection.invalidated:
        connection.connection.invalidate(soft=True)


def detach(connection: Connection) -> None:
    if not connection.closed and not connection.invalidated:
        connection.detach()


def invalidate(connection: Connection) -> None:
    if not connection.closed:
        connection.invalidate()


ENDS_OF_A_SYNC_CONNECTION = [Connection.close, detach, invalidate, invalidate_softly]


@pytest.mark.parametrize("seed", range(5))
def test_whatever_happens_it_knows_what_the_pool_knows(tmp_path: Path, seed: int) -> None:
    """A random life of a pool: what is out is what the pool counts as out."""
    choose = random.Random(seed)
    engine = create_engine(f"sqlite:///{tmp_path}/sync.db", poolclass=QueuePool, max_overflow=-1)
    pool = engine.pool
    assert isinstance(pool, QueuePool)
    taken: list[Connection] = []
    with Checkouts() as checkouts:
        for _ in range(100):
            if not taken or choose.random() < 0.5:
                taken.append(engine.connect())
                continue
            connection = taken.pop(choose.randrange(len(taken)))
            for end in choose.choices(ENDS_OF_A_SYNC_CONNECTION, k=choose.randrange(3)):
                end(connection)
            del connection  # Perhaps for the garbage collector.
            gc.collect(0)
            assert len(checkouts.out) == pool.checkedout()
        for connection in taken:
            connection.close()
        assert checkouts.out == []
    engine.dispose()


# What it leaves alone ----------------------------------------------------------------------------


@contextmanager
def switching_often() -> Iterator[None]:
    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    try:
        yield
    finally:
        sys.setswitchinterval(before)


def test_entering_and_leaving_harms_no_other_thread(sync_engine: Engine) -> None:
    errors: list[Exception] = []
    stop = threading.Event()

    def query() -> None:
        while not stop.is_set():
            try:
                with sync_engine.connect() as connection:
                    connection.execute(text("SELECT 1"))
            except Exception as error:
                errors.append(error)

    threads = [threading.Thread(target=query) for _ in range(4)]
    with switching_often():
        for thread in threads:
            thread.start()
        for _ in range(500):
            with Checkouts() as checkouts:
                str(checkouts)
        stop.set()
        for thread in threads:
            thread.join(SOON)
    assert not errors, f"{len(errors)}: {errors[0]!r}"
    assert isinstance(sync_engine.pool, QueuePool) and sync_engine.pool.checkedout() == 0


def test_threads_that_enter_and_leave_the_same_object(sync_engine: Engine) -> None:
    checkouts, errors = Checkouts(), []

    def use() -> None:
        try:
            for _ in range(50):
                with checkouts, sync_engine.connect() as connection:
                    connection.execute(text("SELECT 1"))
                    assert len(checkouts.out) >= 1
        except BaseException as error:
            errors.append(error)

    threads = [threading.Thread(target=use) for _ in range(4)]
    with switching_often():
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(SOON)
    assert not errors
    assert checkouts.out == []
    with sync_engine.connect():
        assert checkouts.out == []


@pytest.mark.asyncio
async def test_nothing_keeps_it_after_the_block(engine: AsyncEngine) -> None:
    with Checkouts() as checkouts:
        async with engine.connect() as connection:
            await connection.execute(text("SELECT 1"))
    async with engine.connect():  # The same connection, taken again.
        gone = weakref.ref(checkouts)
        del checkouts
        wait_until(no_watcher_runs)
        gc.collect()
        assert gone() is None


@pytest.mark.asyncio
async def test_a_connection_that_stays_out_does_not_keep_it(engine: AsyncEngine) -> None:
    with Checkouts() as checkouts:
        connection = await engine.connect()
    gone = weakref.ref(checkouts)
    del checkouts
    wait_until(no_watcher_runs)
    gc.collect()
    assert gone() is None
    await connection.close()


@pytest.mark.asyncio
async def test_it_keeps_no_task_alive(engine: AsyncEngine) -> None:
    kept = AsyncSession(engine)

    async def loses() -> None:
        await kept.execute(text("SELECT 1"))

    with Checkouts() as checkouts:
        task = asyncio.create_task(loses(), name="job")
        gone = weakref.ref(task)
        await asyncio.wait([task])
        del task
        gc.collect()
        assert gone() is None
        assert checkouts.out[0].task == "job"
    await kept.close()


class OddTask(asyncio.Task[Any]):
    """As somebody's task factory may make them."""

    odd = ""

    def get_coro(self) -> Any:
        return self._or_odd("get_coro")

    def get_name(self) -> str:
        return str(self._or_odd("get_name"))

    def done(self) -> bool:
        return bool(self._or_odd("done"))

    def get_loop(self) -> asyncio.AbstractEventLoop:
        loop: asyncio.AbstractEventLoop = self._or_odd("get_loop")
        return loop

    def _or_odd(self, method: str) -> Any:
        # Only what this module calls: the event loop itself must be able to run the task.
        if self.odd == method and Path(sys._getframe(2).f_code.co_filename).stem == "checkouts":
            raise LookupError("odd")
        return getattr(super(), method)()


@pytest.mark.parametrize("method", ["get_coro", "get_name", "done", "get_loop"])
@pytest.mark.asyncio
async def test_an_odd_task_stops_neither_the_application_nor_the_watcher(
    engine: AsyncEngine, method: str
) -> None:
    go_on, taken, reports = asyncio.Event(), asyncio.Event(), Reports()

    async def odd() -> None:
        async with engine.connect():
            taken.set()
            await go_on.wait()

    async def later() -> AsyncConnection:
        return await engine.connect()

    with Checkouts(longer_than=0.05, report=reports) as checkouts:
        task = OddTask(odd(), loop=asyncio.get_running_loop())
        task.odd = method
        await asyncio.wait_for(taken.wait(), SOON)
        await until(reports.any)
        assert len(checkouts.out) == 1 and str(checkouts)
        connection = await later()
        await reports.of("later")
        await connection.close()
        go_on.set()
        await task


def test_a_task_of_a_closed_loop(sync_engine: Engine) -> None:
    reports, kept = Reports(), []

    async def stuck() -> None:
        kept.append(sync_engine.connect())
        await asyncio.Event().wait()

    loop = asyncio.new_event_loop()
    task = loop.create_task(stuck(), name="stuck")
    with Checkouts(longer_than=0.05, report=reports) as checkouts:
        loop.run_until_complete(asyncio.sleep(0))
        loop.close()
        assert reports.any.wait(SOON)
        for checkout in (reports.seen[0], checkouts.out[0]):
            assert checkout.task == "stuck" and not checkout.ended
            assert checkout.now is not None and checkout.now.code == "await asyncio.Event().wait()"
        kept[0].close()
        assert checkouts.out == []
    setattr(task, "_log_destroy_pending", False)  # noqa: B010


@pytest.mark.asyncio
async def test_looking_from_another_thread_while_tasks_run(make_engine: MakeEngine) -> None:
    engine = make_engine(poolclass=NullPool)
    stop, errors = threading.Event(), []

    async def innocent() -> None:
        while not stop.is_set():
            await asyncio.sleep(0)

    async def deeper(depth: int) -> None:
        if depth:
            await deeper(depth - 1)
        else:
            await asyncio.sleep(0)

    async def busy() -> None:
        async with engine.connect():
            for depth in range(200):
                await deeper(depth % 10)

    with Checkouts(longer_than=0, report=lambda checkout: None) as checkouts:

        def look() -> None:
            while not stop.is_set():
                try:
                    places = [checkout.now for checkout in checkouts.out]
                    assert "innocent" not in [place.function for place in places if place]
                except BaseException as error:
                    errors.append(error)
                    return

        looking = threading.Thread(target=look)
        with switching_often():
            looking.start()
            other = asyncio.create_task(innocent())
            for _ in range(5):
                await asyncio.gather(*(busy() for _ in range(4)))
            stop.set()
            await asyncio.to_thread(looking.join, SOON)
        await other
    assert not errors
    assert checkouts.out == []


@pytest.mark.asyncio
async def test_lines_of_a_thread_that_went_on_are_not_taken_for_the_tasks(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    task = asyncio.current_task()
    assert task is not None
    assert checkouts_module._standing(task, threading.get_ident())
    running = iter([task, None])  # It runs when it is asked first, and does not when asked again.
    with monkeypatch.context() as patched:
        patched.setattr(asyncio, "current_task", lambda loop: next(running))
        lines = checkouts_module._standing(task, threading.get_ident())
    assert lines == []


# Whose line it is --------------------------------------------------------------------------------


def test_an_application_that_is_installed_as_a_package_is_named(sync_engine: Engine, tmp_path: Path) -> None:
    package = tmp_path / "site-packages" / "shop"
    package.mkdir(parents=True)
    (package / "orders.py").write_text("def take(engine):\n    return engine.connect()\n")
    sys.path.insert(0, str(package.parent))
    try:
        from shop.orders import take  # type: ignore[import-not-found]
    finally:
        sys.path.remove(str(package.parent))
    for files, functions in [
        (None, ["test_an_application_that_is_installed_as_a_package_is_named"]),
        ([package], ["take"]),
        ([package / "orders.py"], ["take"]),
        ([tmp_path / "site-packages" / "sho"], []),
    ]:
        with Checkouts(files=files) as checkouts, take(sync_engine):
            found = [place.function for place in checkouts.out[0].taken]
            assert found[:1] == functions


def test_this_file_is_not_yours_if_it_is_in_your_folder(sync_engine: Engine, tmp_path: Path) -> None:
    copied = tmp_path / "checkouts_of_mine.py"
    shutil.copy(str(checkouts_module.__file__), copied)
    spec = importlib.util.spec_from_file_location("checkouts_of_mine", copied)
    assert spec is not None and spec.loader is not None
    module = sys.modules[spec.name] = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    with module.Checkouts(files=[tmp_path, Path(__file__).parent]) as checkouts, sync_engine.connect():
        assert [place.path for place in checkouts.out[0].taken] == [__file__]


def test_while_nothing_watches_a_checkout_costs_hardly_more(sync_engine: Engine) -> None:
    def a_checkout() -> None:
        sync_engine.raw_connection().close()

    def the_listener() -> None:
        checkouts_module._on_checkout(None, None, None)

    bare, listener = (min(timeit.repeat(call, number=200, repeat=50)) for call in (a_checkout, the_listener))
    assert listener < bare / 4
