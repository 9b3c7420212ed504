"""Stacks that WebAssembly suspends and wakes again (JavaScript Promise Integration)."""

from __future__ import annotations

from collections.abc import Callable, Generator
from typing import Any

from carrier import later, start
from pyodide.ffi import (
    can_run_sync,
    create_once_callable,
    create_proxy,
    run_sync,
)

LONGEST = 2**31 - 1
"""Milliseconds: a browser's timer has no more."""


class Wait:
    """Suspends the stack that waits, until another one wakes it: no event loop takes part.

    Pyodide suspends a stack for an awaitable, which it hands to a loop unless it looks like a future.
    """

    _asyncio_future_blocking = False

    def __init__(self) -> None:
        self._over = False
        self._tell: Callable[[Wait], object] | None = None

    def wait(self) -> None:
        if not can_run_sync():
            raise RuntimeError("this stack cannot be suspended")
        run_sync(self)

    def wake(self) -> None:
        self._over = True
        if self._tell:
            self._tell(self)

    def add_done_callback(self, tell: Callable[[Wait], object], *, context: object = None) -> None:
        self._tell = tell
        if self._over:
            tell(self)

    def result(self) -> None:
        """What is passed on goes another way."""

    def __await__(self) -> Generator[Any, None, None]:
        raise TypeError("wait() for it")
        yield


def pause(seconds: float | None) -> None:
    """Suspend the stack for a time, or for good."""
    wait = Wait()
    later(create_once_callable(wait.wake), LONGEST if seconds is None else min(seconds * 1000, LONGEST))
    wait.wait()


def begin(function: Callable[[], None]) -> None:
    """Call a function on a stack of its own, as soon as this one is suspended."""
    start(create_proxy(function))
