"""What SQLAlchemy needs of greenlet, in a browser: each greenlet is a stack that WebAssembly can suspend (JSPI).

A switch wakes the stack of the other greenlet and suspends this one, so that one of them runs at any time. The
event loop (`loop.py`) is suspended with them: nothing else gets a turn in between. Left out, since SQLAlchemy does
without: threads, tracing, a `GreenletExit` for one that nothing refers to any more, setting `parent`.
"""

from __future__ import annotations

import asyncio
import contextvars
import sys
from collections.abc import Callable
from types import FrameType, TracebackType
from typing import Any

from stacks import Wait, begin

__version__ = "0"
_ABSENT = object()


class GreenletExit(BaseException):
    """Ends a greenlet without an error in its parent."""


class error(Exception):
    """What greenlet raises of itself."""


class greenlet:
    """A function with a stack of its own."""

    def __init__(self, run: Callable[..., Any] | None = None, parent: greenlet | None = None) -> None:
        if run is not None:
            self.run = run
        self.parent: greenlet | None = _current if parent is None else parent
        self.dead = False
        self.gr_frame: FrameType | None = None
        """Where it is suspended."""
        self._wait: Wait | None = None
        self._message: tuple[Any, BaseException | None] = (None, None)
        self._around = _Around()

    def __bool__(self) -> bool:
        """It has started, and has not ended."""
        return self._wait is not None or self is _current

    def switch(self, *args: Any, **kwargs: Any) -> Any:
        """Go on there, with a value; what is switched to this one later is the result."""
        return _switch(self, (args, kwargs), None)

    def throw(self, kind: Any = GreenletExit, value: Any = None, tb: TracebackType | None = None) -> Any:
        """Go on there, with an exception."""
        raised = kind if isinstance(kind, BaseException) else value
        if not isinstance(raised, BaseException):
            raised = kind() if value is None else kind(value)
        return _switch(self, None, raised.with_traceback(tb) if tb else raised)

    def _begin(self) -> None:
        """All that happens on the stack of this greenlet."""
        result: Any = None
        raised = None
        try:
            self._around.enter()
            given, thrown = self._message
            if thrown is not None:
                raise thrown
            result = ((self.run(*given[0], **given[1]),), {})
        except GreenletExit as end:
            result = ((end,), {})
        except BaseException as failure:
            raised = failure
        self.dead = True
        _leave(self, result, raised)


class _Around:
    """What Python keeps for each stack, and greenlets share: the loop, its task, the context's variables."""

    def __init__(self) -> None:
        self.loop = asyncio._get_running_loop()
        self.task = asyncio.current_task(self.loop) if self.loop else None
        self.context = contextvars.copy_context()

    def enter(self) -> None:
        asyncio._set_running_loop(self.loop)
        if self.loop is not None:
            asyncio.tasks._swap_current_task(self.loop, self.task)  # type: ignore[attr-defined]
        for variable, value in self.context.items():
            if variable.get(_ABSENT) is not value:
                variable.set(value)


def _alive(target: greenlet) -> greenlet:
    """One that has ended hands on to its parent."""
    while target.dead:
        assert target.parent is not None
        target = target.parent
    return target


def _wake(target: greenlet, given: Any, raised: BaseException | None) -> None:
    global _current
    _current = target
    target._message = given, raised
    target._around = _Around()
    if target._wait is None:
        begin(target._begin)
    else:
        wait, target._wait = target._wait, None
        wait.wake()


def _leave(ended: greenlet, given: Any, raised: BaseException | None) -> None:
    assert ended.parent is not None
    _wake(_alive(ended.parent), given, raised)
    asyncio._set_running_loop(None)


def _switch(target: greenlet, given: Any, raised: BaseException | None) -> Any:
    me, target = _current, _alive(target)
    if target is not me:
        me._wait = wait = Wait()
        me.gr_frame = sys._getframe(2)
        _wake(target, given, raised)
        wait.wait()
        me.gr_frame = None
        me._around.enter()
        given, raised = me._message
        me._message = None, None
    if raised is not None:
        before = raised.__context__
        try:
            raise raised
        finally:  # What this stack was about to handle is not what it came from.
            raised.__context__ = before
    return _value(*given)


def _value(args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
    if args and kwargs:
        return args, kwargs
    return kwargs or (args[0] if len(args) == 1 else args)


_current: greenlet = None  # type: ignore[assignment]
_current = greenlet()


def getcurrent() -> greenlet:
    return _current
