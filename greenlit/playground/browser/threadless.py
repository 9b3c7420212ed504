"""aiosqlite without its thread: each call is made in a turn of the event loop, its result comes in the next one."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from aiosqlite import core


class Calls:
    """The queue between a connection and its thread."""

    def put_nowait(self, call: tuple[Any, Callable[[], Any]]) -> None:
        future, function = call
        if future is None:
            function()
        else:
            future.get_loop().call_soon(make, future, function)


def make(future: Any, function: Callable[[], Any]) -> None:
    loop = future.get_loop()
    try:
        result = function()
    except BaseException as error:
        loop.call_soon(core.set_exception, future, error)
    else:
        loop.call_soon(core.set_result, future, result)


class NoThread:
    def __init__(self, **_: Any) -> None:
        self.daemon = True

    def start(self) -> None:
        """Nothing waits for calls: they are made when they come."""

    join = start


def install() -> None:
    core.SimpleQueue, core.Thread = Calls, NoThread  # type: ignore[assignment,misc]
