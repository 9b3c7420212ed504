# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0"]
# ///
"""Which of *my* lines sent SQL, and which of them held a connection?

Copy this file into your project: it needs SQLAlchemy (2.0 or 2.1) and nothing else.
"""

from __future__ import annotations

import ast
import asyncio
import gc
import inspect
import linecache
import re
import sys
import sysconfig
import threading
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from functools import cache, partial
from pathlib import Path
from types import CodeType, FrameType, TracebackType
from typing import Any, Literal, TypeAlias

import greenlet
from sqlalchemy import event
from sqlalchemy.engine import Connection, Engine, ExceptionContext
from sqlalchemy.exc import DBAPIError
from sqlalchemy.pool import Pool

Kind: TypeAlias = Literal["pool", "transaction", "sql", "error"]


@dataclass(frozen=True)
class Event:
    """One thing that happened to one connection."""

    kind: Kind
    """`"pool"`, `"transaction"`, `"sql"`, or `"error"`: what the database answered to the last one."""
    text: str
    """`checkout`, `COMMIT`, the statement exactly as the driver received it, or the error."""
    connection: int
    """1 for the first connection that the ledger met, 2 for the second, ..."""


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
            text = happened.text.replace("\n", "\n        ")
            lines.append(f"    {happened.kind}{number}: {text}")
        return "\n".join(lines)


class Ledger:
    """Record every statement, transaction and pool event, under the line of yours that caused it.

    It listens to all engines in the process while the `with` block is open, sync and async.

    ```python
    import asyncio
    import os

    from ledger import Ledger
    from sqlalchemy import text
    from sqlalchemy.ext.asyncio import create_async_engine


    async def main() -> None:
        engine = create_async_engine(os.environ.get("DATABASE_URL", "sqlite+aiosqlite://"))
        async with engine.connect() as connection:
            with Ledger() as ledger:
                await connection.execute(text("SELECT 1"))
        await engine.dispose()
        print(ledger.sql)
        #> ['SELECT 1']
        for entry in ledger.entries:
            print(entry.code)
            #> await connection.execute(text("SELECT 1"))
            print([event.text for event in entry.events])
            #> ['BEGIN (implicit)', 'SELECT 1']


    asyncio.run(main())
    ```

    In a test it turns "this endpoint must not query in a loop" into one assertion:

    ```python
    import asyncio
    import os

    from ledger import Ledger
    from sqlalchemy import text
    from sqlalchemy.ext.asyncio import AsyncSession, create_async_engine


    async def greet(session: AsyncSession) -> str:
        return str(await session.scalar(text("SELECT 'hello'")))


    async def test_greet_asks_once() -> None:
        engine = create_async_engine(os.environ.get("DATABASE_URL", "sqlite+aiosqlite://"))
        with Ledger() as ledger:
            async with AsyncSession(engine) as session:
                await greet(session)
        assert len(ledger.sql) == 1, ledger
        assert not ledger.held, ledger
        await engine.dispose()


    asyncio.run(test_greet_asks_once())
    ```

    Args:
        files: The files whose lines count as yours. By default every file that is neither in the
            standard library nor in an installed package.

    The ledger says what SQLAlchemy does. `BEGIN (implicit)` is the moment at which SQLAlchemy
    considers a transaction begun; asyncpg and psycopg send the `BEGIN` with the first statement,
    and sqlite3 in its default mode sends one before the first INSERT, UPDATE or DELETE only.
    """

    def __init__(self, files: Iterable[str | Path] | None = None) -> None:
        self._files = None if files is None else frozenset(str(file) for file in files)
        self._numbers = 0
        self._lock = threading.Lock()
        self._opened: dict[int, Entry] = {}
        self._borrowed: dict[int, Entry] = {}
        self._listeners = list(self._make_listeners())
        self.entries: list[Entry] = []
        """What happened, in order. One line of yours can have several entries."""

    @property
    def sql(self) -> list[str]:
        """The statements, in order."""
        return [
            happened.text
            for entry in self.entries
            for happened in entry.events
            if happened.kind == "sql"
        ]

    @property
    def held(self) -> list[Entry]:
        """The entries whose connection has been checked out and not returned so far."""
        return list(self._borrowed.values())

    @property
    def unclosed(self) -> list[Entry]:
        """The entries that opened a connection to the database which is still open: what a
        missing `await engine.dispose()` leaves behind."""
        return list(self._opened.values())

    def __str__(self) -> str:
        return "\n".join(str(entry) for entry in self.entries)

    def __enter__(self) -> Ledger:
        for target, name, listener in self._listeners:
            event.listen(target, name, listener)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        for target, name, listener in self._listeners:
            event.remove(target, name, listener)

    # What SQLAlchemy tells us ---------------------------------------------------------------

    def _make_listeners(self) -> Iterator[tuple[type, str, Callable[..., None]]]:
        """Listening on the classes reaches every engine, also those that exist already."""
        # Once a pool has closed or detached a connection, its events carry no record.
        for name in ("connect", "checkout", "checkin", "invalidate", "soft_invalidate", "close"):
            yield Pool, name, partial(self._on_pool, name)
        yield Engine, "begin", self._on_begin
        yield Engine, "commit", self._on_commit
        yield Engine, "rollback", self._on_rollback
        yield Engine, "before_cursor_execute", self._on_execute
        yield Engine, "handle_error", self._on_error

    def _on_pool(self, name: str, dbapi_connection: Any, record: Any, *_: Any) -> None:
        number = self._number(record.info)
        entry = self._record("pool", name.replace("_", " "), number)
        if name == "connect":
            self._opened[number] = entry
        elif name == "checkout":
            self._borrowed[number] = entry
        elif name == "checkin":
            self._borrowed.pop(number, None)
        elif name == "close":
            self._opened.pop(number, None)

    def _on_begin(self, connection: Connection) -> None:
        self._on_transaction("BEGIN (implicit)", connection)

    def _on_commit(self, connection: Connection) -> None:
        self._on_transaction("COMMIT", connection)

    def _on_rollback(self, connection: Connection) -> None:
        self._on_transaction("ROLLBACK", connection)

    def _on_transaction(self, text: str, connection: Connection) -> None:
        if _is_there(connection):  # To one that is gone nothing is sent.
            self._record("transaction", text, self._number(connection.info))

    def _on_execute(
        self,
        connection: Connection,
        cursor: Any,
        statement: str,
        parameters: Any,
        context: Any,
        executemany: bool,
    ) -> None:
        # SQLAlchemy also says `executemany` of a batch that it sends as one statement.
        many = executemany and isinstance(parameters, list)
        times = f"  -- {len(parameters)} parameter sets" if many else ""
        self._record("sql", statement + times, self._number(connection.info))

    def _on_error(self, context: ExceptionContext) -> None:
        if isinstance(context.sqlalchemy_exception, DBAPIError):
            error = context.original_exception
            connection = context.connection
            number = self._number(connection.info) if connection and _is_there(connection) else 1
            self._record("error", f"{type(error).__name__}: {error}", number)

    # Where it belongs -----------------------------------------------------------------------

    def _number(self, info: dict[Any, Any]) -> int:
        """Number the connections in the order of their first appearance in this ledger."""
        with self._lock:
            if self not in info:
                self._numbers += 1
                info[self] = self._numbers
            number: int = info[self]
            return number

    def _record(self, kind: Kind, text: str, connection: int) -> Entry:
        path, line, leaving = self._caller()
        with self._lock:
            last = self.entries[-1] if self.entries else None
            if last is None or (last.path, last.line, last.leaving) != (path, line, leaving):
                code = linecache.getline(path, line).strip() if path else ""
                last = Entry(path, line, code, leaving)
                self.entries.append(last)
            last.events.append(Event(kind, text, connection))
            return last

    def _caller(self) -> tuple[str, int, bool]:
        """Find the innermost line of yours that waits for what is happening now."""
        inner: CodeType | None = None
        for code, line in _waiting():
            if self._is_yours(code.co_filename):
                leaving = inner is not None and inner.co_name in ("__exit__", "__aexit__")
                return code.co_filename, _statement(code.co_filename, line), leaving
            inner = code
        return "", 0, False

    def _is_yours(self, path: str) -> bool:
        return path in self._files if self._files is not None else _is_yours(path)


def _is_there(connection: Connection) -> bool:
    """Asking one that is gone for its `info` would raise, in place of the error that you should see."""
    return not (connection.invalidated or connection.closed)


Place: TypeAlias = tuple[CodeType, int]


def _waiting() -> Iterator[Place]:
    """All places in the code that wait for this one, from the inside out."""
    yield from _waiting_in_this_task()
    # `AsyncSession.__aexit__` closes in a task of its own, shielded from cancellation; `gather`
    # and `TaskGroup` start tasks too. What waits for such a task is suspended, not on the stack.
    task = _current_task()
    seen: set[Any] = {task}
    while task is not None:
        task = _task_awaiting(task, seen)
        if task is not None:
            yield from reversed(list(_suspended(task.get_coro())))


def _waiting_in_this_task() -> Iterator[Place]:
    """SQLAlchemy runs its sync core in a greenlet; the `await` that you wrote waits in the parent."""
    frame: FrameType | None = sys._getframe(1)
    current: greenlet.greenlet | None = greenlet.getcurrent()
    while current is not None:
        while frame is not None:
            if frame.f_code.co_name == "_run" and frame.f_code.co_filename.endswith("events.py"):
                return  # What is above only runs the event loop: it did not ask for this.
            yield frame.f_code, frame.f_lineno
            frame = frame.f_back
        current = current.parent
        frame = current.gr_frame if current is not None else None


def _current_task() -> asyncio.Task[Any] | None:
    try:
        return asyncio.current_task()
    except RuntimeError:  # No event loop: plain synchronous code.
        return None


def _task_awaiting(future: asyncio.Future[Any], seen: set[Any]) -> asyncio.Task[Any] | None:
    """Follow the callbacks of a future to the task that goes on when it is done."""
    for callback, _ in getattr(future, "_callbacks", None) or ():
        cells = getattr(callback, "__closure__", None) or ()
        links = [
            getattr(callback, "__self__", None),  # a task's own wake-up, or a TaskGroup's method
            *(cell.cell_contents for cell in cells),  # shield, gather
            *getattr(callback, "args", ()),  # wait_for, before Python 3.12
        ]
        for link in links:
            link = getattr(link, "_parent_task", link)
            if not isinstance(link, asyncio.Future) or link in seen:
                continue
            seen.add(link)
            task = link if isinstance(link, asyncio.Task) else _task_awaiting(link, seen)
            if task is not None:
                return task
    return None


def _suspended(awaitable: Any) -> Iterator[Place]:
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


_NOT_YOURS = (__file__, "<", sysconfig.get_path("stdlib"))
_PACKAGES = re.compile(r"[/\\](site|dist)-packages[/\\]")


@cache
def _is_yours(path: str) -> bool:
    return not path.startswith(_NOT_YOURS) and not _PACKAGES.search(path)


@cache
def _first_lines(path: str) -> dict[int, int]:
    """Map each line of a file to the first line of the innermost statement that it is part of."""
    try:
        tree = ast.parse("".join(linecache.getlines(path)))
    except SyntaxError:
        return {}
    first: dict[int, int] = {}
    # `ast.walk` goes from the outside in, so that the innermost statement has the last word.
    for node in ast.walk(tree):
        if isinstance(node, ast.stmt):
            for line in range(node.lineno, (node.end_lineno or node.lineno) + 1):
                first[line] = node.lineno
    return first


def _statement(path: str, line: int) -> int:
    return _first_lines(path).get(line, line)
