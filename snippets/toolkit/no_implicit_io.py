# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0", "pytest"]
# ///
"""Fail a test when reading an attribute sends SQL.

Copy this file into your tests: it needs SQLAlchemy's asyncio extra (2.0 or 2.1), pytest and nothing
else. Import it in `conftest.py`, before threads run: on import it registers one listener for all
sessions, and never removes it, because adding or removing one can break a thread that is in a query.
"""

from __future__ import annotations

import linecache
import logging
import sys
import sysconfig
import threading
from collections.abc import Iterator
from contextlib import AbstractContextManager
from pathlib import Path
from types import FrameType, TracebackType

import greenlet
import pytest
from sqlalchemy import event, inspect
from sqlalchemy.orm import InstrumentedAttribute, ORMExecuteState, Session
from sqlalchemy.util import greenlet_spawn


class ImplicitIO(Exception):  # noqa: N818  It names what happened, as MissingGreenlet does.
    """An attribute was about to send SQL that no statement of your code asked for."""

    attribute: str
    """The class and the name of what was read or set, such as `User.orders`."""
    reason: str
    """`"expired"` or `"not loaded"`."""
    path: str
    """The file that touched it: the innermost file of your code, or a library's if none is."""
    line: int
    """The line in that file, counted from 1."""
    code: str
    """The text of that line."""
    _told: bool
    """Whether a block has raised it already, or an exception that left the block shows it."""

    def __init__(self, attribute: str, reason: str, path: str, line: int) -> None:
        self.attribute, self.reason, self.path, self.line = attribute, reason, path, line
        self._told = False
        self.code = linecache.getline(path, line).strip()
        where = f"{Path(path).name}:{line}: {self.code}"
        super().__init__(f"{attribute} is {reason}, and touching it sends SQL: {where}")


def no_implicit_io() -> AbstractContextManager[None]:
    """Refuse SQL that is caused by touching an attribute, and allow SQL that you asked for.

    Inside the block, the load of an expired column, of a deferred column or of a relationship
    that was not loaded raises `ImplicitIO`, which names the attribute and your line. Nothing is
    sent. In async code it takes the place of `MissingGreenlet`, whose text names neither. Where implicit
    loads work, inside `run_sync()` and with a sync `Session`, no error tells you of them.

    What you asked for stays allowed, wherever you ask: `selectinload()`, `refresh()`, `get()`, a
    flush, and `awaitable_attrs`, also of a property that reads what is not loaded.

    An `ImplicitIO` that was swallowed inside the block comes back when the block ends:

    - The block ends without an error: it raises the first one found, with the others as notes.
    - An `Exception` leaves the block: those found that are its cause, its context or in its group
      are left to it. Of the others, the first one is raised `from` that exception.
    - Anything else leaves the block (`CancelledError`, `KeyboardInterrupt`, `SystemExit`,
      `GeneratorExit`, `pytest.fail()`): that goes on, with what was found as notes, and what was
      found is logged as an error too, because a cancellation is rarely printed.

    Blocks may be nested, entered again, left in another order, and used in several threads. Each
    finding is raised once, by the first block that may raise it: so an inner block may expect one.

    It listens to every session of the process, sync and async, whether made before or inside the
    block, in every thread and every task: in a test this is what you want. Meanwhile a query in a
    session of its own takes 1.1 times as long on SQLite in memory, and 1.1 times on PostgreSQL
    (asyncpg).

    Limits: it has nothing to say where no SQL would be sent: about a detached object, whose
    attributes raise `DetachedInstanceError`, and about code that reads an object's `__dict__`, as
    FastAPI does with an expired object and no response model. It sees loads that go through a
    `Session`. If its listener was added first, it refuses a load that another `do_orm_execute`
    listener would have answered from a cache.
    """
    return _Watch()


@pytest.fixture
def implicit_io_fails() -> Iterator[None]:
    """The same for a whole test: an error that was swallowed comes back in its teardown.

    In a `conftest.py`, `from no_implicit_io import implicit_io_fails` makes the fixture known, and
    `@pytest.mark.usefixtures("implicit_io_fails")` turns it on for a test or for a class; the
    setting `usefixtures = implicit_io_fails` in pytest's configuration does so for all tests.

    A test that fails of what was found is not reported twice. One that fails of something else
    after it swallowed a finding is: it fails, and its teardown is an error.
    """
    watch, earlier = _Watch(), _failure_known_to_pytest()
    watch.__enter__()
    try:
        yield
    finally:
        failure = _failure_known_to_pytest()
        watch.__exit__(None, None if failure is earlier else failure, None)


def _failure_known_to_pytest() -> BaseException | None:
    """What the last test raised: pytest keeps it for debuggers, and forgets it when the next begins."""
    return getattr(sys, "last_value", None)


_log = logging.getLogger(__name__)

_active: tuple[_Watch, ...] = ()
"""Replaced, never changed: a thread may be reading it."""

_lock = threading.RLock()
"""Re-entrant, because the garbage collector may end a generator's block while it is held."""


class _Watch(AbstractContextManager[None]):
    """No generator: `@contextmanager` would make a decorator that does nothing to an `async def`."""

    def __init__(self) -> None:
        self.found: list[ImplicitIO] = []

    def __enter__(self) -> None:
        global _active
        with _lock:
            _active = (*_active, self)

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        finding = self._end(error)
        if finding is not None:
            try:
                raise finding from error
            finally:
                del finding  # Its traceback refers to this frame.

    def _end(self, error: BaseException | None) -> ImplicitIO | None:
        """What to raise instead of this error: what was swallowed, and no other block has told."""
        global _active
        with _lock:
            rest = list(_active)
            rest.remove(self)
            _active = tuple(rest)
            found, self.found = self.found, []
        shown = _shown_with(error)
        swallowed = [finding for finding in found if not (finding._told or id(finding) in shown)]
        if error is not None and not isinstance(error, Exception):
            for finding in swallowed:  # It stays untold: a block around this one can still raise it.
                _mention(finding, error)
            return None
        for finding in found:
            finding._told = True
        for finding in swallowed[1:]:
            _mention(finding, swallowed[0])
        return swallowed[0] if swallowed else None


def _mention(finding: ImplicitIO, error: BaseException) -> None:
    note = f"no_implicit_io: this was swallowed before: {finding}"
    if note in getattr(error, "__notes__", ()):
        return
    error.add_note(note)
    if not isinstance(error, Exception):
        _log.error(note)


def _shown_with(error: BaseException | None) -> set[int]:
    """The ids of all exceptions that a traceback of this one prints."""
    shown: set[int] = set()
    waiting = [error]
    while waiting:
        each = waiting.pop()
        if each is None or id(each) in shown:
            continue
        shown.add(id(each))
        waiting.append(each.__cause__ if each.__suppress_context__ else each.__context__)
        if isinstance(each, BaseExceptionGroup):
            waiting.extend(each.exceptions)
    return shown


@event.listens_for(Session, "do_orm_execute")
def _refuse(_: ORMExecuteState) -> None:
    """On the class, this reaches every session, and every subclass such as SQLModel's."""
    finding = _access() if _active else None
    if finding is None:
        return
    with _lock:
        watching = set(_active)
        for watch in watching:
            watch.found.append(finding)
    try:
        if watching:
            raise finding
    finally:
        del finding  # Its traceback refers to this frame.


_TOUCHING = {
    method.__code__
    for method in (
        InstrumentedAttribute.__get__,
        InstrumentedAttribute.__set__,
        InstrumentedAttribute.__delete__,
    )
}


def _access() -> ImplicitIO | None:
    """What touched an attribute and so asked for the SQL that is about to be sent, if anything did."""
    frame: FrameType | None = sys._getframe(1)
    while frame is not None and frame.f_code not in _TOUCHING:
        frame = frame.f_back
    if frame is None:
        return None
    attribute: InstrumentedAttribute[object] = frame.f_locals["self"]
    state = inspect(frame.f_locals["instance"])
    reader = frame.f_back
    while reader is not None and _module(reader).startswith("sqlalchemy."):
        if _module(reader) == "sqlalchemy.orm.session":
            return None  # The Session read it on behalf of what you asked it for.
        reader = reader.f_back
    if reader is None or _is_awaited():
        return None
    reader = _yours(reader) or reader
    reason = "expired" if attribute.key in state.expired_attributes else "not loaded"
    return ImplicitIO(str(attribute), reason, reader.f_code.co_filename, reader.f_lineno)


def _is_awaited() -> bool:
    """`awaitable_attrs` runs `getattr` in a greenlet of its own, which your code awaits."""
    parent = greenlet.getcurrent().parent
    spawned = None if parent is None else parent.gr_frame
    return (
        spawned is not None
        and spawned.f_code is greenlet_spawn.__code__
        and spawned.f_locals["fn"] is getattr
    )


def _yours(frame: FrameType | None) -> FrameType | None:
    """The innermost frame of a file that is neither in the standard library nor installed."""
    while frame is not None and _is_library(frame.f_code.co_filename):
        if _module(frame) == "asyncio.events":
            return None  # What is above only runs the event loop: it did not ask for this.
        frame = frame.f_back
    return frame


_STDLIB = sysconfig.get_path("stdlib")


def _is_library(path: str) -> bool:
    installed = {"site-packages", "dist-packages"}.intersection(Path(path).parts)
    return bool(installed) or path.startswith(("<", _STDLIB))


def _module(frame: FrameType) -> str:
    return str(frame.f_globals.get("__name__", ""))
