"""Python's own event loop in a browser: it suspends its stack where it would wait for a socket or a time.

Pyodide's loop gives each callback a turn of the browser's loop and a stack of its own, so tasks take their turns in
another order than they do elsewhere. This one is asyncio's, and so is the order.
"""

from __future__ import annotations

import asyncio
import selectors
import time
from typing import Any

from stacks import pause


class Clock(selectors.SelectSelector):
    """There are no sockets: all that comes is the next time that was asked for."""

    def select(self, timeout: float | None = None) -> list[Any]:
        if timeout is None or timeout > 0:
            pause(timeout)
        return []


class Loop(asyncio.SelectorEventLoop):
    def __init__(self) -> None:
        super().__init__(Clock())

    def _make_self_pipe(self) -> None:
        """Wakes the loop from other threads: there are none."""

    _close_self_pipe = _write_to_self = _make_self_pipe


class Policy(asyncio.events._BaseDefaultEventLoopPolicy):  # type: ignore[name-defined,misc]
    _loop_factory = Loop


def install() -> None:
    time.sleep = pause
    asyncio._set_running_loop(None)
    asyncio.events._set_event_loop_policy(Policy())  # type: ignore[attr-defined]
