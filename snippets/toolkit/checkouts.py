# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0"]
# ///
"""Which of my lines holds a connection, since when, and what is it waiting for?

Copy this file into your project: it needs SQLAlchemy's asyncio extra (2.0 or 2.1). Import it where
your application starts, before threads use the database: the import adds a listener to all pools.
"""

from __future__ import annotations

import asyncio
import gc
import inspect
import linecache
import logging
import os
import sys
import sysconfig
import threading
import time
import weakref
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from functools import cache, partial
from itertools import chain, islice
from pathlib import Path
from types import CodeType, FrameType
from typing import Any, TypeAlias

import greenlet
from sqlalchemy import event
from sqlalchemy.pool import Pool

logger = logging.getLogger(__name__)

Spot: TypeAlias = tuple[CodeType, int]  # A line. Names and text are looked up when you ask.
Task: TypeAlias = "asyncio.Task[Any]"
Files: TypeAlias = tuple[str, ...] | None


@dataclass(frozen=True)
class Place:
    """A line of code: its number, as a traceback would name it, and its text in `code`."""

    path: str
    line: int
    function: str
    code: str

    @classmethod
    def of(cls, spot: Spot) -> Place:
        code, line = spot
        return cls(code.co_filename, line, code.co_name, linecache.getline(code.co_filename, line).strip())

    def __str__(self) -> str:
        return f"{Path(self.path).name}:{self.line} in {self.function}: {self.code}"


@dataclass(frozen=True)
class Checkout:
    """A connection that was out of its pool when you looked, or when it was reported."""

    age: float
    """For how many seconds it had been out."""
    taken: tuple[Place, ...]
    """The lines of your code that took it, the innermost first, three at most."""
    task: str
    """The name of the asyncio task that took it. Empty if none did."""
    waiter: str
    """If that task has ended: the one that was waiting for it, and may hold the session now."""
    now: Place | None
    """Where `task` or `waiter` stands: the innermost line of your code, or of a package if none is."""
    ended: bool
    """The task that took it has ended, and so has each task that was waiting for it then."""

    def __str__(self) -> str:
        lines = [f"connection held for {self.age:.1f} s{f' by {self.task}' if self.task else ''}"]
        for place in self.taken:
            lines.append(f"    {'taken at' if len(lines) == 1 else 'called from'} {place}")
        if self.ended or self.waiter:
            left = self.waiter and f", {self.waiter} was waiting for it"
            lines.append(f"    the task that took it has ended{left}")
        if self.now:
            lines.append(f"    now at {self.now}")
        return "\n".join(lines)


class Checkouts:
    """Know which connections are out of their pools, and report those that stay out too long.

    While the `with` block is open it watches all engines in the process, sync and async.

    Args:
        longer_than: After so many seconds a checkout is reported, once.
        report: Called with it, in a thread of its own. By default it is logged as a warning.
        files: The files whose lines count as yours, or their folders. By default every file that
            is neither in the standard library nor in an installed package.

    What was out before the block is not known. What was taken in it and is still out stays known
    after it. The end of the block does not wait for a report that still runs. While it is open,
    a query in a session of its own takes 1.0 times as long on SQLite in memory, and 1.1 times on
    PostgreSQL (asyncpg).
    """

    def __init__(
        self,
        longer_than: float = 5.0,
        report: Callable[[Checkout], object] | None = None,
        files: Iterable[str | Path] | None = None,
    ) -> None:
        self._longer_than = longer_than
        self._report = report or (lambda checkout: logger.warning("%s", checkout))
        self._files = None if files is None else tuple(f"{Path(f).absolute()}{os.sep}" for f in files)
        self._held: dict[weakref.ref[Any], _Held] = {}
        self._entered = 0

    @property
    def out(self) -> list[Checkout]:
        """All that are out now, the longest first."""
        return [checkout for held in list(self._held.values()) if (checkout := held.look())]

    def __str__(self) -> str:
        return "\n".join(map(str, self.out))

    def __enter__(self) -> Checkouts:
        global _watching
        with _entering:
            if not self._entered:
                self._stop = threading.Event()
                threading.Thread(target=self._watch, args=[self._stop], name="checkouts", daemon=True).start()
                _watching = (*_watching, self)
            self._entered += 1
        return self

    def __exit__(self, *error: object) -> None:
        global _watching
        with _entering:
            self._entered -= 1
            if not self._entered:
                self._stop.set()
                _watching = tuple(other for other in _watching if other is not self)

    # --8<-- [start:watch]
    def _watch(self, stop: threading.Event) -> None:
        while not stop.wait(min(max(self._longer_than / 4, 0.01), 1.0)):
            for held in list(self._held.values()):
                if stop.is_set() or held.reported or time.monotonic() - held.since <= self._longer_than:
                    continue
                held.reported = True
                try:
                    # The reports before this one took their time: it may be back by now.
                    if checkout := held.look():
                        self._report(checkout)
                except BaseException:  # SystemExit would end this thread without a word.
                    logger.exception("reporting a checkout")

    # --8<-- [end:watch]

    def _took(self, proxy: Any, record: Any) -> None:
        ref = weakref.ref(proxy, lambda ref: self._held.pop(ref, None))
        self._held[ref] = _Held(ref, weakref.ref(record), self._files)


# --8<-- [start:events]
# Listening to a class changes a list that other threads may be reading. So it happens only once, at
# the import. Who watches now is in a tuple that is replaced, and never changed.
_watching: tuple[Checkouts, ...] = ()
_entering = threading.Lock()


@event.listens_for(Pool, "checkout")
def _on_checkout(dbapi_connection: Any, record: Any, proxy: Any) -> None:
    for checkouts in _watching:
        checkouts._took(proxy, record)


def _is_out(proxy: Any, record: Any) -> bool:
    """Ask the connection itself: not every way out of the pool and back has an event."""
    mine = getattr(proxy, "dbapi_connection", None)
    return mine is not None and mine is getattr(record, "dbapi_connection", None)


# --8<-- [end:events]


class _Held:
    """What is kept of a checkout. It keeps neither the connection nor a task alive."""

    reported, _name = False, ""
    _tasks: tuple[weakref.ref[Task], ...] = ()
    _spots: tuple[Spot, ...] = ()

    def __init__(self, proxy: weakref.ref[Any], record: weakref.ref[Any], files: Files) -> None:
        self._proxy, self._record, self._files = proxy, record, files
        self.since, self._thread = time.monotonic(), threading.get_ident()
        with suppress(Exception):  # However odd the task is, the application gets its connection.
            tasks = list(_tasks())
            self._tasks = tuple(map(weakref.ref, tasks))
            self._spots = _yours(tasks, files)
            self._name = tasks[0].get_name() if tasks else ""

    def look(self) -> Checkout | None:
        """How it is at this moment. None if it has come back."""
        age, waiter, now, ended = time.monotonic() - self.since, "", None, False
        taken: tuple[Place, ...] = ()
        with suppress(Exception):  # What an odd task does is not known.
            taken = tuple(map(Place.of, self._spots))
            tasks = [task() for task in self._tasks]
            left = next((task for task in tasks if task is not None and not task.done()), None)
            ended = bool(tasks) and left is None
            if left is not None:
                waiter = left.get_name() if left is not tasks[0] else ""
                if spots := _standing(left, self._thread):
                    now = Place.of(min(spots, key=lambda spot: _distance(spot[0].co_filename, self._files)))
        # Asked last: what came back while this was found out is not to blame.
        still = _is_out(self._proxy(), self._record())
        return Checkout(age, taken, self._name, waiter, now, ended) if still else None


def _tasks() -> Iterator[Task]:
    """The current task, then those that wait for it: `wait_for`, `gather` and others start tasks."""
    try:
        futures: list[asyncio.Future[Any] | None] = [asyncio.current_task()]
    except RuntimeError:  # No event loop: plain synchronous code.
        return
    for future in futures:
        if isinstance(future, asyncio.Task):
            yield future
        for callback, _ in getattr(future, "_callbacks", None) or ():
            for link in _links(callback):
                if isinstance(link, asyncio.Future) and link not in futures:
                    futures.append(link)


def _links(callback: Any) -> Iterator[Any]:
    """What a callback of a task holds on to: who waits for it is there. In one of your own may be others."""
    held = [getattr(callback, "__self__", None)]  # a task's own wake-up, or a TaskGroup's method
    if str(getattr(getattr(callback, "func", callback), "__module__", "")).startswith(("asyncio.", "anyio.")):
        held += callback.args if isinstance(callback, partial) else ()  # wait_for, before Python 3.12
        for cell in getattr(callback, "__closure__", None) or ():  # gather, shield, wait, anyio
            with suppress(ValueError):  # It is empty.
                held.append(cell.cell_contents)
    for one in held:
        yield from (one, getattr(one, "_parent_task", None))  # asyncio's TaskGroup
        yield getattr(getattr(one, "cancel_scope", None), "_host_task", None)  # anyio's


def _yours(tasks: list[Task], files: Files) -> tuple[Spot, ...]:
    stack = _stack(tasks[0] if tasks else None, sys._getframe(), greenlet.getcurrent())
    spots = chain(stack, chain.from_iterable(map(_suspended, tasks[1:])))
    return tuple(islice((spot for spot in spots if _distance(spot[0].co_filename, files) == 0), 3))


def _stack(task: Task | None, frame: FrameType | None, current: greenlet.greenlet | None) -> Iterator[Spot]:
    """Where a task runs, from the inside out. SQLAlchemy runs in a greenlet, your `await` in its parent."""
    outermost = getattr(task.get_coro(), "cr_frame", None) if task else None
    while frame is not None:
        yield frame.f_code, frame.f_lineno
        if frame is outermost:
            return  # What is above only runs the event loop.
        frame = frame.f_back
        if frame is None and current is not None and (current := current.parent) is not None:
            frame = current.gr_frame


def _suspended(task: Task) -> list[Spot]:
    """Where a suspended task stands, from the inside out."""
    awaitable: Any = task.get_coro()
    spots: list[Spot] = []
    while awaitable is not None:
        for kind, inner in (("cr", "cr_await"), ("ag", "ag_await"), ("gi", "gi_yieldfrom")):
            if frame := getattr(awaitable, f"{kind}_frame", None):
                spots.append((frame.f_code, frame.f_lineno))
                awaitable = getattr(awaitable, inner)
                break
        else:  # `anext()` and `asend()` hide their async generator, but they refer to it.
            awaitable = next(filter(inspect.isasyncgen, gc.get_referents(awaitable)), None)
    return spots[::-1]


def _standing(task: Task, thread: int) -> list[Spot]:
    """Where a task stands, from the inside out. Any thread may ask."""
    if asyncio.current_task(task.get_loop()) is not task:
        return _suspended(task)
    # It is running, and so it blocks the event loop.
    spots = list(_stack(task, sys._current_frames().get(thread), None))
    # If it stopped meanwhile, these lines may be another task's.
    return spots if asyncio.current_task(task.get_loop()) is task else []


@cache
def _distance(path: str, files: Files) -> int:
    """How far from your code: 0 is yours, 1 a package, 2 Python or this file."""
    package = not {"site-packages", "dist-packages"}.isdisjoint(Path(path).parts)
    python = not package and path.startswith(("<", sysconfig.get_path("stdlib") + os.sep))
    yours = not package if files is None else f"{path}{os.sep}".startswith(files)
    return 2 if python or path == __file__ else 0 if yours else 1
