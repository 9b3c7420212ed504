"""What greenlets do, whoever makes them: Python on this machine runs it with greenlet, and a browser with our stand-in."""

from __future__ import annotations

import asyncio
import contextvars
import sys
import traceback
from collections.abc import Callable

from greenlet import GreenletExit, getcurrent, greenlet

said: list[object] = []


def parent() -> greenlet:
    above = getcurrent().parent
    assert above is not None
    return above


def switching() -> None:
    def body(first: int, *, named: str = "") -> str:
        said.append((first, named))
        said.append(parent().switch("up"))
        said.append(parent().switch("again", "and again"))
        return "end"

    one = greenlet(body)
    said.extend([bool(one), one.dead, one.gr_frame])
    said.append(one.switch(1, named="x"))
    said.extend([bool(one), one.dead])
    said.append(one.switch("down"))
    said.append(one.switch("a", "b"))
    said.extend([bool(one), one.dead, one.gr_frame])
    said.append(one.switch("to one that has ended"))


def switching_with_names() -> None:
    def body(**given: int) -> None:
        said.append(given)
        said.append(parent().switch())
        said.append(parent().switch(a=1))
        said.append(parent().switch(1, a=2))

    one = greenlet(body)
    for turn in (lambda: one.switch(b=3), lambda: one.switch(c=4), lambda: one.switch(5, d=6), one.switch):
        said.append(turn())


def throwing() -> None:
    def body() -> str:
        try:
            parent().switch("ready")
        except KeyError as error:
            said.append(f"inside {error!r}")
            parent().switch("caught")
        return "unreachable"

    one = greenlet(body)
    said.append(one.switch())
    said.append(one.throw(KeyError("thrown")))
    try:
        one.throw(ValueError, "out")
    except ValueError as error:
        said.extend([repr(error), error.__context__])
    said.append(one.dead)
    try:
        one.throw(LookupError("at the dead"))
    except LookupError as error:
        said.append(repr(error))


def throwing_before_it_has_begun() -> None:
    one = greenlet(lambda: said.append("never"))
    try:
        one.throw(KeyError("early"))
    except KeyError as error:
        said.extend([repr(error), one.dead])
    two = greenlet(lambda: said.append("never"))
    said.append(repr(two.throw()))


def ending_early() -> None:
    def body() -> None:
        raise GreenletExit("quietly")

    said.append(repr(greenlet(body).switch()))
    one = greenlet(lambda: parent().switch("waits"))
    said.append(one.switch())
    said.append(repr(one.throw()))
    said.append(one.dead)


def raising() -> None:
    def inner() -> None:
        raise ZeroDivisionError("below")

    one = greenlet(inner)
    try:
        one.switch()
    except ZeroDivisionError as error:
        names = [frame.name for frame in traceback.extract_tb(error.__traceback__)]
        said.extend([names[0], names[-1], one.dead])


def handling_while_it_throws() -> None:
    """As SQLAlchemy does: what is thrown is being handled above."""

    def body() -> None:
        try:
            parent().switch()
        except KeyError:
            said.append(sys.exc_info()[0])
            raise ValueError("instead") from None

    one = greenlet(body)
    one.switch()
    try:
        raise KeyError("first")
    except KeyError:
        try:
            one.throw(*sys.exc_info())
        except ValueError as error:
            said.extend([repr(error), repr(error.__context__), error.__suppress_context__])
    said.append(sys.exc_info())


def nesting() -> None:
    def deep(level: int) -> int:
        if not level:
            return int(parent().switch("deep"))
        below = greenlet(deep)
        given = below.switch(level - 1)
        while not below.dead:
            given = below.switch(parent().switch(given))
        return int(given) + 1

    one = greenlet(deep)
    said.append(one.switch(20))
    said.append(one.switch(100))


def many_at_once() -> None:
    def body(number: int) -> int:
        return int(parent().switch(number)) * number

    all_ = [greenlet(body) for _ in range(200)]
    said.append(sum(one.switch(number) for number, one in enumerate(all_)))
    said.append(sum(one.switch(2) for one in reversed(all_)))


def another_parent() -> None:
    def body() -> object:
        return parent().switch(second.switch())

    first = greenlet(body)
    second: greenlet = greenlet(lambda: "from the second", first)
    said.extend([first.parent is getcurrent(), second.parent is first])
    said.append(first.switch())


def frames() -> None:
    def body() -> None:
        waits_here()

    def waits_here() -> None:
        frame = parent().gr_frame
        while frame and frame.f_code.co_name != "frames":
            frame = frame.f_back
        said.append(frame is not None)
        parent().switch()

    one = greenlet(body)
    one.switch()
    frame, names = one.gr_frame, []
    while frame:
        names.append(frame.f_code.co_name)
        frame = frame.f_back
    said.append(names[:2])
    said.append(getcurrent().gr_frame)
    one.switch()


class Named(greenlet):  # type: ignore[misc]
    mark = "of a class of its own"


def subclasses() -> None:
    one = Named(lambda: getattr(getcurrent(), "mark", None), getcurrent())
    said.extend([one.switch(), getattr(getcurrent(), "mark", None)])

    class Running(greenlet):  # type: ignore[misc]
        def run(self) -> str:
            return "its own run"

    said.append(Running().switch())


def context_variables() -> None:
    variable = contextvars.ContextVar("variable", default="unset")

    def body() -> None:
        said.append(variable.get())
        variable.set("below")
        parent().switch()
        said.append(variable.get())

    variable.set("above")
    one = greenlet(body)
    if hasattr(one, "gr_context"):  # What SQLAlchemy asks for, and all that our stand-in has.
        one.gr_context = getcurrent().gr_context
    one.switch()
    said.append(variable.get())
    variable.set("above again")
    one.switch()


async def below_a_task() -> None:
    """The loop and its task are the same on both stacks, and no other task gets a turn at a switch."""

    def body() -> object:
        said.append(asyncio.get_running_loop() is loop)
        said.append(asyncio.current_task() is task)
        return parent().switch("switched")

    async def other() -> None:
        said.append("the other task")

    loop, task = asyncio.get_running_loop(), asyncio.current_task()
    beside = asyncio.create_task(other())
    one = greenlet(body)
    said.append(one.switch())
    said.append(one.switch("back"))
    said.append("and then")
    await beside
    said.append(asyncio.current_task() is task)


def in_a_task() -> None:
    asyncio.run(below_a_task())


ALL: list[Callable[[], None]] = [
    switching, switching_with_names, throwing, throwing_before_it_has_begun, ending_early, raising,
    handling_while_it_throws, nesting, many_at_once, another_parent, frames, subclasses, context_variables, in_a_task,
]  # fmt: skip

if __name__ == "__main__":
    for one in ALL:
        said.clear()
        one()
        print(one.__name__, said)
