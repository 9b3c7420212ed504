# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0"]
# ///
"""Which of *my* lines sent SQL, and which of them held a connection?

Copy this file into your project: it needs SQLAlchemy's asyncio extra (2.0 or 2.1). Import it where
your tests or your application start, before threads run queries: the import adds listeners to all
engines, and a query can fail if listeners are added in the middle of it. They stay. While no
ledger is open, they only look whether one is.
"""

from __future__ import annotations

import asyncio
import gc
import linecache
import logging
import sys
import sysconfig
import threading
import tokenize
from collections import defaultdict
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from functools import cache, partial
from itertools import count
from pathlib import Path
from types import AsyncGeneratorType, CodeType
from typing import Any, Literal

import greenlet
from sqlalchemy import Connection, Engine, Pool, event, exc
from sqlalchemy.engine import ExceptionContext


@dataclass(frozen=True)
class Event:
    """One thing that happened to one connection."""

    kind: Literal["pool", "transaction", "sql", "error"]
    """`"pool"`, `"transaction"`, `"sql"`, or `"error"`: what the driver raised."""
    text: str
    """`checkout`, `COMMIT`, the statement as SQLAlchemy passes it to the driver, or the error."""
    connection: int
    """1 for the first connection that the ledger met, 2 for the second, ... (1 too for an error of connecting or of a ping, whichever connection it was)."""


@dataclass
class Entry:
    """A line of your code and what it caused, in the order in which it happened."""

    path: str
    """The file, or an empty string if none of your lines was waiting for this."""
    line: int
    """The first line of the statement, counted from 1."""
    code: str
    """The text of that line."""
    leaving: bool
    """True if the events came from leaving a `with` block that begins on this line."""
    events: list[Event] = field(default_factory=list)

    def __str__(self) -> str:
        where = f"{Path(self.path).name}:{self.line}" if self.path else "no line of yours"
        lines = [f"{where}  {'leaving ' if self.leaving else ''}{self.code}".rstrip()]
        for happened in self.events:
            number = "" if happened.connection == 1 else f" #{happened.connection}"
            lines.append(f"    {happened.kind}{number}: " + happened.text.replace("\n", "\n        "))
        return "\n".join(lines)


class Ledger:
    """Record SQLAlchemy's statements, transactions and pool events, under the line that caused them.

    It hears all engines of the process while a `with` block of it is open, sync and async, in all
    threads. Then a query in a session of its own takes 1.3 times as long on SQLite in memory,
    and 1.3 times on PostgreSQL (asyncpg). Several can be open; one that you open again goes on.

    Args:
        files: The files whose lines count as yours. By default every file that is neither in the
            standard library nor in an installed package.
    """

    def __init__(self, files: Iterable[str | Path] | None = None) -> None:
        self._is_yours = _is_yours if files is None else frozenset(map(str, files)).__contains__
        self._numbers: dict[object, int] = defaultdict(count(1).__next__)
        self._opened: dict[int, Entry] = {}
        self._borrowed: dict[int, Entry] = {}
        self._detached: dict[int, int] = {}
        self.entries: list[Entry] = []
        """What happened, in order. One line of your code can have several entries."""
        self.lost: list[Entry] = []
        """The entries whose connection never came back: the garbage collector found it. Async
        engines only; a sync engine puts such a connection back into its pool."""

    @property
    def sql(self) -> list[str]:
        """The statements, in order."""
        return [one.text for entry in self.entries for one in entry.events if one.kind == "sql"]

    @property
    def held(self) -> list[Entry]:
        """The entries whose connection is out: not returned, closed, detached from its pool, or lost."""
        return list(self._borrowed.values())

    @property
    def unclosed(self) -> list[Entry]:
        """The entries that opened a connection to the database which SQLAlchemy has not closed:
        what a missing `await engine.dispose()` leaves behind."""
        return list(self._opened.values())

    def __str__(self) -> str:
        return "\n".join(str(entry) for entry in self.entries)

    def __enter__(self) -> Ledger:
        global _open
        with _changing:
            _open = (*_open, self)
        return self

    def __exit__(self, *_: object) -> None:
        global _open
        with _changing:
            at = _open.index(self)
            _open = _open[:at] + _open[at + 1 :]

    # What SQLAlchemy tells us. Nothing here takes a lock: the garbage collector can return a
    # connection in the middle of any line, and would wait for what its own thread holds. ------

    def _on_pool(self, name: str, dbapi_connection: Any, record: Any, *_: Any) -> None:
        number = self._number(record)
        entry = self._record(Event("pool", name.replace("_", " "), number))
        if name == "connect":
            self._opened[number] = entry
        elif name == "checkout":
            self._borrowed[number] = entry
        elif name in ("checkin", "close"):
            self._borrowed.pop(number, None)
        if name == "close":
            self._opened.pop(number, None)

    def _on_reset(self, dbapi_connection: Any, record: Any, state: Any) -> None:
        if not state.asyncio_safe:  # This is the garbage collector.
            self.lost += filter(None, [self._borrowed.pop(self._number(record), None)])

    def _on_detach(self, dbapi_connection: Any, record: Any) -> None:
        number = self._number(record)
        self._borrowed.pop(number, None)
        self._detached[id(dbapi_connection)] = number  # When it is closed, it has no record.

    def _on_close_detached(self, dbapi_connection: Any) -> None:
        self._opened.pop(self._detached.pop(id(dbapi_connection), 0), None)

    def _on_transaction(self, text: str, connection: Connection) -> None:
        if not (connection.invalidated or connection.closed):  # To one that is gone nothing is sent.
            self._record(Event("transaction", text, self._number(connection)))

    def _on_execute(self, connection: Connection, *details: Any) -> None:
        _, statement, parameters, _, executemany = details
        # SQLAlchemy also says `executemany` of a batch that it sends as one statement.
        if executemany and isinstance(parameters, list):
            statement += f"  -- {len(parameters)} parameter sets"
        self._record(Event("sql", statement, self._number(connection)))

    def _on_error(self, context: ExceptionContext) -> None:
        if isinstance(context.sqlalchemy_exception, exc.DBAPIError):
            error, connection, number = context.original_exception, context.connection, 1
            if connection is not None and not connection.invalidated:
                # One that is closed, or that SQLAlchemy examines before its first use, has no `info`.
                with suppress(Exception):
                    number = self._number(connection)
            self._record(Event("error", f"{type(error).__name__}: {error}", number))

    def _number(self, whose: Any) -> int:
        """In the order of first appearance. In `info`, which a pool keeps, stays only a mark."""
        return self._numbers[whose.info.setdefault(Ledger, object())]

    def _record(self, happened: Event) -> Entry:
        path, line, leaving = self._caller()
        last = self.entries[-1] if self.entries else None
        if last is None or (last.path, last.line, last.leaving) != (path, line, leaving):
            last = Entry(path, line, linecache.getline(path, line).strip(), leaving)
            self.entries.append(last)
        last.events.append(happened)
        return last

    def _caller(self) -> tuple[str, int, bool]:
        """Find the innermost line of your code that waits for what is happening now."""
        inner: CodeType | None = None
        for code, line in _waiting():
            if self._is_yours(code.co_filename):
                leaving = inner is not None and inner.co_name in ("__exit__", "__aexit__")
                return code.co_filename, _first_lines(code.co_filename).get(line, line), leaving
            inner = code
        return "", 0, False


_LOOPS = (asyncio.Handle._run.__code__, asyncio.Runner.run.__code__)
"""What is above these only runs the event loop: it did not ask for what happens."""


def _waiting() -> Iterator[tuple[CodeType, int]]:
    """All places in the code that wait for this one, from the inside out."""
    # SQLAlchemy runs its sync core in a greenlet; the `await` that you wrote waits in the parent.
    frame: Any = sys._getframe(1)
    current = greenlet.getcurrent()
    while frame is not None and frame.f_code not in _LOOPS:
        yield frame.f_code, frame.f_lineno
        frame = frame.f_back
        while frame is None and current.parent is not None:
            current = current.parent
            frame = current.gr_frame
    # `AsyncSession.__aexit__` closes in a task of its own, shielded from cancellation; `gather`
    # and `TaskGroup` start tasks too. What waits for such a task is suspended, not on the stack.
    # In a task that is being cancelled, neither is what waits for an async generator.
    task = asyncio.current_task() if asyncio._get_running_loop() else None
    seen: set[Any] = {task}
    while task is not None:
        yield from reversed(list(_suspended(task.get_coro())))
        task = _task_awaiting(task, seen)


def _task_awaiting(future: asyncio.Future[Any], seen: set[Any]) -> asyncio.Task[Any] | None:
    """Follow the callbacks of a future to the task that goes on when it is done."""
    for callback, _ in getattr(future, "_callbacks", None) or ():
        own = getattr(callback, "__self__", None)  # a task's wake-up, or a TaskGroup's method
        links = [
            getattr(own, "_parent_task", own),
            *gc.get_referents(*(getattr(callback, "__closure__", None) or ())),  # shield, gather
            *(callback.args if isinstance(callback, partial) else ()),  # wait_for, before 3.12
        ]
        for link in links:
            if isinstance(link, asyncio.Future) and link not in seen:
                seen.add(link)
                if task := link if isinstance(link, asyncio.Task) else _task_awaiting(link, seen):
                    return task
    return None


def _suspended(awaitable: Any) -> Iterator[tuple[CodeType, int]]:
    """Where a suspended coroutine stands, from the outside in."""
    while awaitable is not None:
        for kind in ("cr", "ag", "gi"):
            frame = getattr(awaitable, f"{kind}_frame", None)
            if frame is not None:
                yield frame.f_code, frame.f_lineno
                awaitable = getattr(awaitable, "gi_yieldfrom" if kind == "gi" else f"{kind}_await")
                break
        else:
            # `anext()` and `asend()` hide their async generator, but they refer to it.
            hidden = (one for one in gc.get_referents(awaitable) if isinstance(one, AsyncGeneratorType))
            awaitable = next(hidden, None)


@cache
def _is_yours(path: str) -> bool:
    installed = {"site-packages", "dist-packages"} & set(Path(path).parts)
    return not installed and not path.startswith((__file__, "<", sysconfig.get_path("stdlib")))


@cache
def _first_lines(path: str) -> dict[int, int]:
    """Map each line of a file to the first line of its statement, or of that statement's head."""
    # With `tokenize`, since on Python 3.11 threads break each other's `ast.parse`.
    first: dict[int, int] = {}
    start = 0
    with suppress(tokenize.TokenError, SyntaxError):
        for token in tokenize.generate_tokens(iter(linecache.getlines(path)).__next__):
            if token.type == tokenize.NEWLINE:
                first.update(dict.fromkeys(range(start, token.end[0] + 1), start))
                start = 0
            elif token.string.strip() and token.type != tokenize.COMMENT:
                start = start or token.start[0]
    return first


_open: tuple[Ledger, ...] = ()
"""Replaced, never changed: other threads are reading it."""
_changing = threading.Lock()


def _tell(listener: str, *happened: Any) -> None:
    """Pass an event on to the ledgers that are open. A fault of theirs is not the application's."""
    for ledger in dict.fromkeys(_open):  # One that was entered twice is told once.
        try:
            getattr(ledger, listener)(*happened)
        except Exception:
            with suppress(Exception):
                logging.getLogger(__name__).exception("The ledger could not record this")


for _name in ("connect", "checkout", "checkin", "invalidate", "soft_invalidate", "close"):
    event.listen(Pool, _name, partial(_tell, "_on_pool", _name))
for _name in ("reset", "detach", "close_detached"):
    event.listen(Pool, _name, partial(_tell, f"_on_{_name}"))
for _name, _text in (("begin", "BEGIN (implicit)"), ("commit", "COMMIT"), ("rollback", "ROLLBACK")):
    event.listen(Engine, _name, partial(_tell, "_on_transaction", _text))
event.listen(Engine, "before_cursor_execute", partial(_tell, "_on_execute"))
event.listen(Engine, "handle_error", partial(_tell, "_on_error"))
