"""Run a snippet and watch it: what each of its lines did, how it ended, what it left behind."""

from __future__ import annotations

import ast
import contextlib
import gc
import importlib.metadata
import io
import os
import platform
import signal
import sys
import traceback
import warnings
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from unittest.mock import patch

from sqlalchemy.engine import Engine
from sqlalchemy.event import registry
from sqlalchemy.orm import Mapper, Session
from sqlalchemy.pool import Pool

from greenlit.normalise import normalise
from greenlit.record import KINDS, OUTSIDE, Deed, Line, Run
from greenlit.snippet import Snippet
from snippets.toolkit.ledger import Entry, Ledger

LONGEST = 180
"""Seconds. The slowest snippets, which wait for a process to hang, take less than thirty."""


class TooLong(Exception):
    pass


@dataclass
class Observation:
    snippet: Snippet
    run: Run
    error: BaseException | None
    error_line: int
    story: str
    """The whole traceback, as somebody would paste it: the file has the name that an application's would have."""
    held: list[Entry]
    unclosed: list[Entry]
    warned: list[str]
    listens: bool
    interrupted: bool
    printed: list[str]


def observe(
    snippet: Snippet, file: Path, driver: str, server: str, execute: Callable[[], object]
) -> Observation:
    """Watch `execute`, which must run `file`: the snippet, or a copy of it, line by line the same."""
    error: BaseException | None = None
    listening = _listeners()
    main = sys.modules["__main__"]
    out = io.StringIO()
    unraisable: list[str] = []
    hook = sys.unraisablehook
    with warnings.catch_warnings(record=True) as caught, Ledger([file]) as ledger, _as_anywhere():
        warnings.simplefilter("always")
        sys.unraisablehook = lambda lost: unraisable.append(f"{lost.exc_value!r} in {lost.object!r}")
        # A collection at a moment of its own choosing would end a leaked object sooner or later.
        gc.disable()
        try:
            with contextlib.redirect_stdout(out), limited():
                execute()
        except (Exception, SystemExit, KeyboardInterrupt) as raised:
            error = raised
            # What its frames hold must be lost here too.
            traceback.clear_frames(raised.__traceback__)
            if isinstance(raised, AttributeError):
                raised.obj = (
                    None  # Such as a coroutine that nobody awaited: it must complain here, not later.
                )
        finally:
            sys.modules["__main__"] = main
        # Now, and not in whichever test comes later, is when lost objects must complain. Those that
        # only the first collection lets go of complain in the second.
        gc.collect()
        gc.collect()
        gc.enable()
        sys.unraisablehook = hook
    if snippet.breaks:
        gc.collect()  # What it leaves behind on purpose must not complain in the next run.
    # Mapped classes and modules stay: without this, each later run's collections would search them again.
    gc.freeze()
    run = Run(driver, proven=_versions(snippet, driver, server))
    if "unrecorded" not in snippet.declarations:
        _fill(run, snippet, ledger)
    error_line, story = 0, ""
    if error is not None:
        story = "".join(traceback.format_exception(error)).replace(str(file), "app/main.py")
        error_line = _add_error(run, snippet, file, error)
    listens = not _listeners() <= listening
    return Observation(
        snippet=snippet,
        run=run,
        error=error,
        error_line=error_line,
        story=story,
        held=ledger.held + ledger.lost,
        unclosed=ledger.unclosed,
        warned=[f"{w.category.__name__}: {w.message}" for w in caught] + unraisable,
        listens=listens,
        # pytest-examples turns Ctrl-C in an example into this line and goes on.
        interrupted=isinstance(error, KeyboardInterrupt) or "KeyboardInterrupt in example" in out.getvalue(),
        printed=out.getvalue().splitlines(),
    )


def faults(seen: Observation) -> list[str]:
    """What is wrong with a run: each a line that names the file, the line and the remedy."""
    snippet, path, error = seen.snippet, seen.snippet.shown_path, seen.error
    if seen.interrupted:
        return [f"{path}: a KeyboardInterrupt ended the run: nothing after it was proven"]
    found: list[str] = []
    name = None if error is None else qualified(type(error))
    if snippet.raises and name is None:
        found.append(
            f"{path}:1: no longer breaks: it declares {', '.join(snippet.raises)} and ran to its end "
            f"on {seen.run.driver}. Find what healed it; without it the fix proves nothing"
        )
    elif snippet.raises and name not in snippet.raises:
        found.append(
            f"{path}:{seen.error_line}: breaks for another reason: it declares {', '.join(snippet.raises)} "
            f"and raised {_last_line(error)} on {seen.run.driver}. Mend the snippet, or declare what it raises"
        )
    elif name is not None and not snippet.raises:
        found.append(
            f"{path}:{seen.error_line}: raised {_last_line(error)} on {seen.run.driver}. "
            "Mend it, or name it *_breaks.py and declare '# raises: ...'"
        )
    leaks = [
        f"{path}:{entry.line}: leaks the connection checked out by `{entry.code}` on {seen.run.driver}: "
        "close the session or connection, best with 'async with'"
        for entry in seen.held
    ] or [
        f"{path}:{entry.line}: leaves the connection opened by `{entry.code}` open on {seen.run.driver}: "
        "add 'await engine.dispose()' in a 'finally'"
        for entry in seen.unclosed
    ]
    if "leaks" not in snippet.declarations:
        found += leaks
    elif not leaks:
        found.append(f"{path}:1: declares '# leaks:' but returned every connection on {seen.run.driver}")
    if seen.listens:
        found.append(
            f"{path}: listens to every session, engine or pool, also of the snippets after it: "
            "listen to a class or an engine of its own, or call event.remove()"
        )
    if not snippet.breaks and not found:
        # A broken twin may well drop a coroutine on the floor: that is what it is here to show.
        found += [f"{path}: warned on {seen.run.driver}: {text}. Mend the cause" for text in seen.warned]
    return found


@contextlib.contextmanager
def _as_anywhere() -> Iterator[None]:
    """What a snippet starts must not see that it is in CI: there pytest, for one, prints longer lines.

    Nor may it load a plugin that our own tests need: hypothesis moves a warning that a snippet shows.
    """
    with patch.dict(os.environ, {"PYTEST_ADDOPTS": "-p no:hypothesispytest"}):
        os.environ.pop("CI", None)
        yield


@contextlib.contextmanager
def limited() -> Iterator[None]:
    """What hangs fails, and the others go on."""

    def stop(*_: object) -> None:
        raise TooLong(f"it did not end within {LONGEST} seconds")

    before = signal.signal(signal.SIGALRM, stop)
    signal.alarm(LONGEST)
    try:
        yield
    finally:
        signal.alarm(0)
        signal.signal(signal.SIGALRM, before)


def _listeners() -> set[object]:
    """Who listens to all sessions, engines or pools of the process, and so to those of the next snippet."""
    shared = {id(target) for target in (Session, Engine, Pool, Mapper)}
    return {key for key in registry._key_to_collection if key[0] in shared}


def qualified(kind: type[BaseException]) -> str:
    return kind.__qualname__ if kind.__module__ == "builtins" else f"{kind.__module__}.{kind.__qualname__}"


def _last_line(error: BaseException | None) -> str:
    return "" if error is None else traceback.format_exception_only(error)[-1].strip().split("\n")[0]


def _fill(run: Run, snippet: Snippet, ledger: Ledger) -> None:
    for entry in ledger.entries:
        section = snippet.section_of(entry.line) if entry.path else None
        if section is None:
            continue
        lines = run.sections.setdefault(section.name, [])
        deeds = [Deed(kind := KINDS[e.kind], normalise(e.text, kind), e.connection) for e in entry.events]
        line = Line(section.line_in_section(entry.line), entry.code, entry.leaving, deeds)
        if lines and replace(lines[-1], times=1) == line:
            lines[-1].times += 1
        else:
            lines.append(line)
    # In the order of the file, whatever ran first.
    run.sections = {name: run.sections[name] for name in snippet.sections if name in run.sections}


def _add_error(run: Run, snippet: Snippet, file: Path, error: BaseException) -> int:
    """Put an uncaught error under the innermost line of the snippet that it came through."""
    frames = [f for f in traceback.extract_tb(error.__traceback__) if f.filename == str(file)]
    line = frames[-1].lineno or 0 if frames else 0
    said = "".join(traceback.format_exception_only(error))
    text = normalise(said, "raised", file=file, shown=snippet.path.name)
    section = snippet.section_of(line)
    lines = run.sections.setdefault(section.name if section else OUTSIDE, [])
    number = section.line_in_section(line) if section else line
    code = snippet.source.splitlines()[line - 1].strip() if line else ""
    # After what led to it, before the `with` blocks that it left on its way out.
    place = len(lines)
    around = _blocks_around(snippet, line)
    while place and lines[place - 1].leaving and lines[place - 1].number in around:
        place -= 1
    before = lines[place - 1] if place else None
    if before and (before.number, before.leaving, before.times) == (number, False, 1):
        before.deeds.append(Deed("raised", text))
    else:
        lines.insert(place, Line(number, code, deeds=[Deed("raised", text)]))
    return line


def _blocks_around(snippet: Snippet, line: int) -> set[int]:
    """Where the `with` blocks begin that a line stands in, as lines of its section."""
    section = snippet.section_of(line)
    return {
        section.line_in_section(node.lineno) if section else node.lineno
        for node in ast.walk(ast.parse(snippet.source))
        if isinstance(node, ast.With | ast.AsyncWith) and node.lineno < line <= (node.end_lineno or 0)
    }


_SHOWN = {
    "sqlalchemy": "SQLAlchemy",
    "fastapi": "FastAPI",
    "starlette": "Starlette",
    "pydantic": "pydantic",
    "sqlmodel": "SQLModel",
    "uvicorn": "uvicorn",
    "aiosqlite": "aiosqlite",
    "asyncpg": "asyncpg",
    "psycopg": "psycopg",
}


def _versions(snippet: Snippet, driver: str, server: str) -> dict[str, str]:
    named = [need.package for need in snippet.requirements]
    if "fastapi" in named:
        named += ["starlette", "pydantic"]
    others = {"aiosqlite", "asyncpg", "psycopg"} - {driver}
    proven = {"Python": platform.python_version()}
    proven |= {
        shown: importlib.metadata.version(name)
        for name, shown in _SHOWN.items()
        if name in named and name not in others
    }
    kind, version = server.split(" ")
    return proven | {kind: version}
