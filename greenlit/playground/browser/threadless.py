"""aiosqlite without its thread: each call is made in a turn of the event loop, its result comes in the next one.

Where SQLite would wait for a lock, everything would: nobody could give the lock back. So it does not wait, and the
call is made again in a later turn, for as long as the connection's `timeout` says.
"""

from __future__ import annotations

import sqlite3
from collections import deque
from collections.abc import Callable
from typing import Any

from aiosqlite import core

AGAIN = 0.005
"""Seconds."""

Call = tuple[Any, Callable[[], Any]]


class Patient(sqlite3.Connection):
    """Knows how long it would wait for a lock."""

    patience: float


def connect(*arguments: Any, timeout: float = 5.0, **options: Any) -> Any:
    if options.setdefault("factory", Patient) is not Patient:
        return _connect(*arguments, timeout=timeout, **options)
    connection = _connect(*arguments, timeout=0, **options)
    connection.patience = timeout
    return connection


_connect: Any = sqlite3.connect


class Calls:
    """The queue between a connection and its thread."""

    def __init__(self) -> None:
        self.waiting: deque[Call] = deque()
        self.patience = 0.0

    def put_nowait(self, call: Call) -> None:
        future, function = call
        if future is None:
            function()
            return
        self.waiting.append(call)
        if len(self.waiting) == 1:
            future.get_loop().call_soon(self.make)

    def make(self, deadline: float | None = None) -> None:
        future, function = self.waiting[0]
        loop = future.get_loop()
        try:
            result = function()
        except BaseException as error:
            if _is_locked(error):
                deadline = deadline or loop.time() + self.patience
                if loop.time() < deadline:
                    loop.call_later(AGAIN, self.make, deadline)
                    return
            loop.call_soon(core.set_exception, future, error)
        else:
            self.patience = getattr(result, "patience", self.patience)
            loop.call_soon(core.set_result, future, result)
        self.waiting.popleft()
        if self.waiting:
            loop.call_soon(self.make)


def _is_locked(error: BaseException) -> bool:
    return isinstance(error, sqlite3.OperationalError) and error.sqlite_errorcode == sqlite3.SQLITE_BUSY


class NoThread:
    def __init__(self, **_: Any) -> None:
        self.daemon = True

    def start(self) -> None:
        """Nothing waits for calls: they are made when they come."""

    join = start


def install() -> None:
    sqlite3.connect = connect
    vars(core).update(SimpleQueue=Calls, Thread=NoThread)
