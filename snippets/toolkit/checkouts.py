# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0"]
# ///
"""Which of my lines holds a connection, since when, and what is it waiting for?

Copy this file into your project: it needs SQLAlchemy (2.0 or 2.1) and nothing else.
"""

from __future__ import annotations

import asyncio
import gc
import inspect
import linecache
import logging
import re
import sys
import sysconfig
import threading
import time
import weakref
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from functools import cache, partial
from pathlib import Path
from types import CodeType, FrameType, TracebackType
from typing import Any, TypeAlias

import greenlet
from sqlalchemy import event
from sqlalchemy.pool import Pool

logger = logging.getLogger(__name__)

# A line that is being executed. Cheap to keep: names and text are looked up when you ask.
Spot: TypeAlias = tuple[CodeType, int]


@dataclass(frozen=True)
class Place:
    """A line of code."""

    path: str
    line: int
    """Counted from 1: the line that a traceback would name."""
    function: str
    code: str
    """The text of that line."""

    @classmethod
    def of(cls, spot: Spot) -> Place:
        code, line = spot
        text = linecache.getline(code.co_filename, line).strip()
        return cls(code.co_filename, line, code.co_name, text)

    def __str__(self) -> str:
        return f"{Path(self.path).name}:{self.line} in {self.function}: {self.code}"


@dataclass(eq=False, repr=False)
class Checkout:
    """A connection that is out of its pool now."""

    _spots: tuple[Spot, ...]
    _task: weakref.ref[asyncio.Task[Any]] | None
    _thread: int
    _mine: Callable[[str], bool]
    _since: float = field(default_factory=time.monotonic)
    _reported: bool = False

    @property
    def age(self) -> float:
        """For how many seconds it has been out."""
        return time.monotonic() - self._since

    @property
    def taken(self) -> tuple[Place, ...]:
        """The lines of yours that took it, the innermost first, three at most."""
        return tuple(Place.of(spot) for spot in self._spots)

    @property
    def task(self) -> str:
        """The name of the asyncio task that took it. Empty if there is none, or it is gone."""
        task = self._task() if self._task else None
        return task.get_name() if task else ""

    @property
    def ended(self) -> bool:
        """True if the task that took it has ended. If nobody else has the session, it is lost."""
        task = self._task() if self._task else None
        return self._task is not None and (task is None or task.done())

    @property
    def now(self) -> Place | None:
        """What its task waits for: the innermost line of yours, or of a package if none is."""
        task = self._task() if self._task else None
        if task is None or task.done():
            return None
        spots = list(_standing(task, self._thread))
        for accepted in (self._mine, _is_no_part_of_python):
            for spot in spots:
                if accepted(spot[0].co_filename):
                    return Place.of(spot)
        return Place.of(spots[0]) if spots else None

    def __str__(self) -> str:
        name = f" by {self.task}" if self.task else ""
        lines = [f"connection held for {self.age:.1f} s{name}"]
        for place in self.taken:
            lines.append(f"    {'taken at' if len(lines) == 1 else 'called from'} {place}")
        if now := self.now:
            lines.append(f"    now at {now}")
        elif self.ended:
            lines.append("    the task that took it has ended")
        return "\n".join(lines)

    __repr__ = __str__


class Checkouts:
    """Know all connections that are out of their pools, and report those that stay out too long.

    It watches all engines in the process while the `with` block is open, sync and async. Around
    the `yield` of a FastAPI lifespan, it watches as long as the application runs:

    ```python
    import asyncio
    import os
    from collections.abc import AsyncIterator
    from contextlib import asynccontextmanager

    from checkouts import Checkout, Checkouts
    from fastapi import FastAPI
    from sqlalchemy import text
    from sqlalchemy.ext.asyncio import AsyncSession, create_async_engine

    engine = create_async_engine(os.environ.get("DATABASE_URL", "sqlite+aiosqlite://"))
    too_long: list[Checkout] = []


    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        # Without `report` it writes a warning to the log.
        with Checkouts(longer_than=0.1, report=too_long.append):
            yield
        await engine.dispose()


    async def ask_the_model(question: str) -> None:
        while not too_long:  # A slow service.
            await asyncio.sleep(0.01)
        print(too_long[0].taken[0].code)
        #> question = await session.scalar(text("SELECT 'Why?'"))
        print(too_long[0].task)
        #> summarise


    async def summarise() -> None:
        async with AsyncSession(engine) as session:
            question = await session.scalar(text("SELECT 'Why?'"))
            await ask_the_model(question)


    async def main() -> None:
        async with lifespan(FastAPI()):
            await asyncio.create_task(summarise(), name="summarise")


    asyncio.run(main())
    ```

    At any moment it tells what is out, and what each is waiting for. `print(checkouts)` writes the
    same as text; an endpoint that only you can reach may return it:

    ```python
    import asyncio
    import os

    from checkouts import Checkouts
    from sqlalchemy import text
    from sqlalchemy.ext.asyncio import AsyncSession, create_async_engine

    engine = create_async_engine(os.environ.get("DATABASE_URL", "sqlite+aiosqlite:///checkouts.db"))
    kept: list[AsyncSession] = []


    async def slow(asked: asyncio.Event, answered: asyncio.Event) -> None:
        async with AsyncSession(engine) as session:
            await session.execute(text("SELECT 'slow'"))
            asked.set()
            await answered.wait()


    async def lost() -> None:
        session = AsyncSession(engine)
        kept.append(session)
        await session.execute(text("SELECT 'lost'"))


    async def main() -> None:
        asked, answered = asyncio.Event(), asyncio.Event()
        with Checkouts() as checkouts:
            await asyncio.create_task(lost())
            waiting = asyncio.create_task(slow(asked, answered))
            await asked.wait()
            for checkout in checkouts.out:
                now = "its task has ended" if checkout.ended else checkout.now.code
                print(f"{checkout.taken[0].function} took it: {now}")
                #> lost took it: its task has ended
                #> slow took it: await answered.wait()
            answered.set()
            await waiting
            await kept[0].close()
            print(checkouts.out)
            #> []
        await engine.dispose()


    asyncio.run(main())
    ```

    In a test it finds the session that nobody closes, and names the line:

    ```python
    import asyncio
    import os

    from checkouts import Checkouts
    from sqlalchemy import text
    from sqlalchemy.ext.asyncio import AsyncSession, create_async_engine

    engine = create_async_engine(os.environ.get("DATABASE_URL", "sqlite+aiosqlite://"))
    session = AsyncSession(engine)


    async def count_orders() -> int:
        return await asyncio.wait_for(session.scalar(text("SELECT 3")), timeout=5)


    async def test_count_orders_returns_its_connection() -> None:
        with Checkouts() as checkouts:
            await count_orders()
            try:
                assert not checkouts.out, checkouts
            except AssertionError:
                print(checkouts.out[0].taken[0].code)
                #> return await asyncio.wait_for(session.scalar(text("SELECT 3")), timeout=5)
        await session.close()
        await engine.dispose()


    asyncio.run(test_count_orders_returns_its_connection())
    ```

    Args:
        longer_than: After so many seconds a checkout is reported, once.
        report: Called with it, in a thread of its own. By default it is logged as a warning.
        files: The files whose lines count as yours. By default every file that is neither in the
            standard library nor in an installed package.

    A checkout costs a walk over the stack, and nothing is sent to the database. What is too old is
    looked for by a daemon thread, a few times within `longer_than` seconds, so that it also speaks
    while the event loop is blocked. An SQLite database in memory has one connection for all: only
    who took it last is known.
    """

    def __init__(
        self,
        longer_than: float = 5.0,
        report: Callable[[Checkout], None] | None = None,
        files: Iterable[str | Path] | None = None,
    ) -> None:
        self._longer_than = longer_than
        self._report = report or (lambda checkout: logger.warning("%s", checkout))
        self._files = None if files is None else frozenset(str(file) for file in files)
        self._held: dict[Any, Checkout] = {}
        self._stop = threading.Event()

    @property
    def out(self) -> list[Checkout]:
        """All that are out now, the longest first."""
        return sorted(self._held.values(), key=lambda checkout: checkout._since)

    def __str__(self) -> str:
        return "\n".join(str(checkout) for checkout in self.out)

    def __enter__(self) -> Checkouts:
        # Listening on the class reaches every engine, also those that exist already.
        event.listen(Pool, "checkout", self._on_checkout)
        event.listen(Pool, "checkin", self._on_checkin)
        event.listen(Pool, "detach", self._on_checkin)
        self._stop = threading.Event()
        watch = threading.Thread(target=self._watch, args=[self._stop], name="checkouts")
        watch.daemon = True
        watch.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._stop.set()
        event.remove(Pool, "checkout", self._on_checkout)
        event.remove(Pool, "checkin", self._on_checkin)
        event.remove(Pool, "detach", self._on_checkin)

    # --8<-- [start:events]
    def _on_checkout(self, dbapi_connection: Any, record: Any, proxy: Any) -> None:
        task = _current_task()
        self._held[record] = Checkout(
            tuple(self._yours()),
            weakref.ref(task) if task else None,
            threading.get_ident(),
            self._is_yours,
        )

    def _on_checkin(self, dbapi_connection: Any, record: Any) -> None:
        self._held.pop(record, None)

    # --8<-- [end:events]

    def _yours(self) -> list[Spot]:
        yours: list[Spot] = []
        for walk in (_waiting_in_this_task, _waiting_in_other_tasks):
            for code, line in walk():
                if self._is_yours(code.co_filename):
                    yours.append((code, line))
                    if len(yours) == 3:
                        return yours
            if yours:
                break  # What comes next is slower, and only needed if the task began in a package.
        return yours

    def _is_yours(self, path: str) -> bool:
        return path in self._files if self._files is not None else _is_yours(path)

    # --8<-- [start:watch]
    def _watch(self, stop: threading.Event) -> None:
        while not stop.wait(max(self._longer_than / 4, 0.01)):
            for checkout in list(self._held.values()):
                if checkout.age > self._longer_than and not checkout._reported:
                    checkout._reported = True
                    try:
                        self._report(checkout)
                    except Exception:
                        logger.exception("reporting a checkout")

    # --8<-- [end:watch]


# Who took it -------------------------------------------------------------------------------------


def _waiting_in_this_task() -> Iterator[Spot]:
    """SQLAlchemy runs its core in a greenlet; the `await` that you wrote waits in the parent."""
    last = _outermost(_current_task())
    current: greenlet.greenlet | None = greenlet.getcurrent()
    innermost: FrameType | None = sys._getframe(1)
    while current is not None:
        for frame in _callers(innermost):
            yield frame.f_code, frame.f_lineno
            if frame is last:
                return  # What is above only runs the event loop: it did not ask for this.
        current = current.parent
        innermost = current.gr_frame if current is not None else None


def _waiting_in_other_tasks() -> Iterator[Spot]:
    """`gather` and `TaskGroup` start tasks. Who waits for one is suspended, not on the stack."""
    task = _current_task()
    seen: set[Any] = {task}
    while task is not None:
        task = _task_awaiting(task, seen)
        if task is not None:
            yield from reversed(list(_suspended(task.get_coro())))


def _current_task() -> asyncio.Task[Any] | None:
    try:
        return asyncio.current_task()
    except RuntimeError:  # No event loop: plain synchronous code.
        return None


def _outermost(task: asyncio.Task[Any] | None) -> FrameType | None:
    """The frame in which a task began."""
    return getattr(task.get_coro(), "cr_frame", None) if task is not None else None


def _callers(frame: FrameType | None) -> Iterator[FrameType]:
    while frame is not None:
        yield frame
        frame = frame.f_back


def _task_awaiting(future: asyncio.Future[Any], seen: set[Any]) -> asyncio.Task[Any] | None:
    """Follow the callbacks of a future to the task that goes on when it is done."""
    for callback, _ in getattr(future, "_callbacks", None) or ():
        for link in _links(callback):
            link = getattr(link, "_parent_task", link)
            if isinstance(link, asyncio.Future) and link not in seen:
                seen.add(link)
                task = link if isinstance(link, asyncio.Task) else _task_awaiting(link, seen)
                if task is not None:
                    return task
    return None


def _links(callback: Any) -> Iterator[Any]:
    """What a callback holds on to; among it is who waits."""
    yield getattr(callback, "__self__", None)  # a task's own wake-up, or a TaskGroup's method
    if isinstance(callback, partial):  # wait_for, before Python 3.12
        yield from callback.args
    for cell in getattr(callback, "__closure__", None) or ():  # shield, gather
        with suppress(ValueError):  # It is empty.
            yield cell.cell_contents


# What it does now --------------------------------------------------------------------------------


def _standing(task: asyncio.Task[Any], thread: int) -> Iterator[Spot]:
    """Where a task stands, from the inside out."""
    if asyncio.current_task(task.get_loop()) is task:  # It is running, and so blocks the loop.
        last = _outermost(task)
        for frame in _callers(sys._current_frames().get(thread)):
            yield frame.f_code, frame.f_lineno
            if frame is last:
                return
    else:
        yield from reversed(list(_suspended(task.get_coro())))


def _suspended(awaitable: Any) -> Iterator[Spot]:
    """Where a suspended coroutine stands, from the outside in."""
    while awaitable is not None:
        for prefix in ("cr", "ag", "gi"):
            frame = getattr(awaitable, f"{prefix}_frame", None)
            if frame is not None:
                yield frame.f_code, frame.f_lineno
                name = "gi_yieldfrom" if prefix == "gi" else f"{prefix}_await"
                awaitable = getattr(awaitable, name)
                break
        else:
            # `anext()` and `asend()` hide their async generator, but they refer to it.
            awaitable = next(filter(inspect.isasyncgen, gc.get_referents(awaitable)), None)


# Whose line it is --------------------------------------------------------------------------------

_PYTHON = ("<", sysconfig.get_path("stdlib"))
_PACKAGES = re.compile(r"[/\\](site|dist)-packages[/\\]")


@cache
def _is_yours(path: str) -> bool:
    return not path.startswith((__file__, *_PYTHON)) and not _PACKAGES.search(path)


def _is_no_part_of_python(path: str) -> bool:
    return not path.startswith(_PYTHON) or _PACKAGES.search(path) is not None
