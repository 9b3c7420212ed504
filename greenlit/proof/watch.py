"""Watch a snippet run: what each of its lines did, how it ended, what it left behind."""

from __future__ import annotations

import ast
import gc
import importlib.metadata
import os
import platform
import sys
import threading
import warnings
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import partial
from typing import TYPE_CHECKING

from greenlit.normalise import normalise
from greenlit.proof.run import Case, Ending, to_the_end, too_much
from greenlit.record import KINDS, OUTSIDE, Deed, Line, Run
from greenlit.snippet import Snippet
from snippets.toolkit.ledger import Entry, Ledger

if TYPE_CHECKING:
    from pytest_examples.run_code import PrintStatement


@dataclass
class Observation:
    run: Run
    ending: Ending
    held: list[Entry]
    unclosed: list[Entry]
    warned: list[str]
    printed: list[PrintStatement] = field(default_factory=list)


def checked(case: Case) -> Observation:
    """Let pytest-examples run the file, and keep what each line prints."""
    from greenlit.proof.output import run_file

    printed: list[PrintStatement] = []
    seen = _observe(case, partial(run_file, case.snippet.source, case.file, printed))
    flood = too_much(sum(len(argument.data) for statement in printed for argument in statement.args))
    seen.ending.misdeeds += flood
    seen.printed = [] if flood else printed
    if case.snippet.is_claims:
        seen.run.printed = [normalise(str(statement.args[0]), "raised") for statement in seen.printed]
    return seen


def _observe(case: Case, run: Callable[[], object]) -> Observation:
    unraisable: list[str] = []
    sys.unraisablehook = lambda lost: unraisable.append(f"{lost.exc_value!r} in {lost.object!r}")
    with warnings.catch_warnings(record=True) as caught, Ledger([case.file]) as ledger:
        warnings.simplefilter("always")
        # A collection at a moment of its own choosing would end a leaked object sooner or later.
        gc.disable()
        ending = to_the_end(case, run)
        # Those that only the first collection lets go of complain in the second.
        gc.collect()
        gc.collect()
    ending.misdeeds += _left_running()
    return Observation(
        run=_as_run(case, ending, ledger),
        ending=ending,
        held=ledger.held + ledger.lost,
        unclosed=ledger.unclosed,
        warned=[f"{w.category.__name__}: {w.message}" for w in caught] + unraisable,
    )


def _left_running() -> list[str]:
    found = []
    for thread in threading.enumerate():
        if thread is not threading.current_thread() and not thread.daemon:
            thread.join(5)  # That of a pool which is gone may be about to end.
            if thread.is_alive():
                found.append(f"leaves the thread {thread.name} running, so that python does not end: join it")
    try:
        while os.waitpid(-1, os.WNOHANG)[0]:
            pass
    except ChildProcessError:
        return found
    return [*found, "leaves a process running: end it, and wait for it"]


def _as_run(case: Case, ending: Ending, ledger: Ledger) -> Run:
    run = Run(case.driver, proven=_versions(case.snippet, case.driver, case.server))
    if "unrecorded" not in case.snippet.declarations:
        _fill(run, case.snippet, ledger)
    if ending.error:
        _add_error(run, case, ending)
    return run


def faults(snippet: Snippet, seen: Observation) -> list[str]:
    """What is wrong with a run: each a line that names the file, the line and the remedy."""
    path, driver, ending = snippet.shown_path, seen.run.driver, seen.ending
    # pytest-examples turns Ctrl-C in an example into this line and goes on.
    if ending.error == "KeyboardInterrupt" or "KeyboardInterrupt in example" in ending.said:
        return [f"{path}: a KeyboardInterrupt ended the run: nothing after it was proven"]
    found = [f"{path}:1: on {driver} it {misdeed}" for misdeed in ending.misdeeds]
    found += _faulty_end(snippet, seen)
    leaks = _leaks(snippet, seen)
    if "leaks" not in snippet.declarations:
        found += leaks
    elif not leaks:
        found.append(f"{path}:1: declares '# leaks:' but returned every connection on {driver}")
    if not snippet.breaks and not found:
        # A broken twin may well drop a coroutine on the floor: that is what it is here to show.
        found += [f"{path}: warned on {driver}: {text}. Mend the cause" for text in seen.warned]
    return found


def _faulty_end(snippet: Snippet, seen: Observation) -> list[str]:
    path, driver, ending = snippet.shown_path, seen.run.driver, seen.ending
    if snippet.raises and not ending.error:
        return [
            f"{path}:1: no longer breaks: it declares {', '.join(snippet.raises)} and ran to its end "
            f"on {driver}. Find what healed it; without it the fix proves nothing"
        ]
    if snippet.raises and ending.error not in snippet.raises:
        return [
            f"{path}:{ending.line}: breaks for another reason: it declares {', '.join(snippet.raises)} "
            f"and raised {ending.last_line} on {driver}. Mend the snippet, or declare what it raises"
        ]
    if ending.error and not snippet.raises:
        return [
            f"{path}:{ending.line}: raised {ending.last_line} on {driver}. "
            "Mend it, or name it *_breaks.py and declare '# raises: ...'"
        ]
    return []


def _leaks(snippet: Snippet, seen: Observation) -> list[str]:
    path, driver = snippet.shown_path, seen.run.driver
    return [
        f"{path}:{entry.line}: leaks the connection checked out by `{entry.code}` on {driver}: "
        "close the session or connection, best with 'async with'"
        for entry in seen.held
    ] or [
        f"{path}:{entry.line}: leaves the connection opened by `{entry.code}` open on {driver}: "
        "add 'await engine.dispose()' in a 'finally'"
        for entry in seen.unclosed
    ]


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


def _add_error(run: Run, case: Case, ending: Ending) -> None:
    """Put an uncaught error under the innermost line of the snippet that it came through."""
    snippet, line = case.snippet, ending.line
    text = normalise(ending.text, "raised", file=case.file, shown=snippet.path.name)
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
    "alembic": "Alembic",
    "pytest-asyncio": "pytest-asyncio",
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
