"""What the toolkit's tests share: each test that asks for `url` or `engine` runs on every driver."""

from __future__ import annotations

import signal
import threading
from collections.abc import AsyncIterator, Callable, Iterator

import pytest
import pytest_asyncio
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from greenlit import DRIVERS
from greenlit.proof.apart import LONGEST
from greenlit.proof.database import Stage

on_postgres = pytest.mark.parametrize(
    "driver", [name for name in DRIVERS if name != "aiosqlite"], indirect=True
)
on_sqlite = pytest.mark.parametrize("driver", ["aiosqlite"], indirect=True)


@pytest.fixture(autouse=True)
def _no_test_waits_for_ever() -> Iterator[None]:
    def stop(*_: object) -> None:
        pytest.fail(f"it did not end within {LONGEST} seconds")

    before = signal.signal(signal.SIGALRM, stop)
    signal.alarm(LONGEST)
    try:
        yield
    finally:
        signal.alarm(0)
        signal.signal(signal.SIGALRM, before)


@pytest.fixture
def sqlite_has_ended() -> Callable[[], bool]:
    """Tells whether all threads have ended that aiosqlite began in this test: each reports to the test's loop.

    One that another test has left behind may never end.
    """
    before = set(threading.enumerate())

    def ended() -> bool:
        begun = set(threading.enumerate()) - before
        return not any("_connection_worker_thread" in thread.name for thread in begun)

    return ended


@pytest.fixture(params=list(DRIVERS))
def driver(request: pytest.FixtureRequest) -> str:
    name: str = request.param
    return name


@pytest.fixture
def url(driver: str, stage: Stage) -> str:
    """An empty database."""
    return stage.fresh(driver)


@pytest_asyncio.fixture
async def make_engine(url: str) -> AsyncIterator[Callable[..., AsyncEngine]]:
    """Make engines for that database, with any options; all are disposed of at the end."""
    engines: list[AsyncEngine] = []

    def make(**options: object) -> AsyncEngine:
        engines.append(create_async_engine(url, **options))
        return engines[-1]

    yield make
    for engine in engines:
        await engine.dispose()


@pytest.fixture
def engine(make_engine: Callable[..., AsyncEngine]) -> AsyncEngine:
    return make_engine()
