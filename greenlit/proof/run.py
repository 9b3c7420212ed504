"""Run a snippet as its reader does: alone, in an empty folder, in a process of its own."""

from __future__ import annotations

import builtins
import contextlib
import io
import os
import re
import resource
import runpy
import sys
import tempfile
import traceback
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import TypeVar

from greenlit.proof.apart import Lost, apart
from greenlit.proof.database import Stage
from greenlit.snippet import Snippet

MOST_MEMORY = 2**30
MOST_OUTPUT = 2**20

T = TypeVar("T")


class Rejected(Exception):
    """A snippet that does not prove what it claims. Its text is all that a person needs to see."""


@dataclass(frozen=True)
class Case:
    """One run: the snippet as a file of its own, and what it finds around it."""

    snippet: Snippet
    driver: str
    server: str
    file: Path
    environment: dict[str, str]


@dataclass
class Ending:
    """How a run came to its end."""

    error: str = ""
    """The name of what was raised and not caught, with its module."""
    text: str = ""
    line: int = 0
    """The innermost line of the snippet that the error came through."""
    story: str = ""
    """The whole traceback, as somebody would paste it: the file has the name that an application's would have."""
    said: list[str] = field(default_factory=list)
    """What it wrote to standard output."""
    misdeeds: list[str] = field(default_factory=list)
    """What it did to its process that a snippet must not do."""

    @property
    def last_line(self) -> str:
        return self.text.strip().split("\n")[0]


def execute(
    look: Callable[[Case], T], snippet: Snippet, driver: str, stage: Stage, folder: Path | None = None
) -> T:
    """Run a snippet under the eyes of `look`, which works in the process of the run; by default in a new folder."""
    if folder is None:
        with tempfile.TemporaryDirectory(prefix="greenlit-", ignore_cleanup_errors=True) as new:
            return execute(look, snippet, driver, stage, Path(new))
    file = folder / snippet.path.name
    file.write_text(snippet.source)
    case = Case(snippet, driver, stage.server(driver), file, stage.environment(snippet, driver))
    try:
        return apart(partial(look, case))
    except Lost as lost:
        line = re.search(rf'File "{re.escape(str(file))}", line (\d+)', lost.last_words)
        where = f"{snippet.shown_path}:{line[1] if line else 1}"
        raise Rejected(f"{where}: on {driver} it {lost}\n{lost.last_words}".strip()) from None


def bare(case: Case) -> Ending:
    """Nobody watches."""
    return to_the_end(case, partial(runpy.run_path, str(case.file), run_name="__main__"))


def without_address(case: Case) -> Ending:
    """Nobody watches, and nothing says where a database is."""
    return bare(replace(case, environment={}))


def unwatched(snippet: Snippet, driver: str, stage: Stage, folder: Path | None = None) -> None:
    """Run a file; one that ends otherwise than it declares is rejected."""
    ending = execute(bare, snippet, driver, stage, folder)
    if ending.error not in (snippet.raises or [""]):
        end = ending.last_line or "no error"
        raise Rejected(f"{snippet.shown_path}:{ending.line or 1}: unwatched on {driver} it ends with {end}")


def to_the_end(case: Case, run: Callable[[], object]) -> Ending:
    """Call `run`, which must run the file of the case, where its reader would."""
    ending = Ending()
    out = Output()
    os.environ.update(case.environment)
    os.chdir(case.file.parent)
    sys.argv = [str(case.file)]
    sys.path[0] = str(case.file.parent)
    try:
        with contextlib.redirect_stdout(out), _little_memory():
            run()
    except BaseException as error:
        ending = _ended_by(error, case.file)
    size = len(out.getvalue())
    with contextlib.suppress(OSError):  # What did not go through `sys.stdout`.
        size += os.fstat(1).st_size
    ending.misdeeds += too_much(size)
    ending.said = [] if ending.misdeeds else out.getvalue().splitlines()
    if out.shut:
        ending.misdeeds.append("closes standard output, and what it prints then is lost: leave it open")
    return ending


def too_much(size: int) -> list[str]:
    return [f"prints {size // 2**20} MB: print what the page shows"] if size > MOST_OUTPUT else []


class Output(io.StringIO):
    """Standard output. What it has got stays readable."""

    shut = False

    def close(self) -> None:
        self.shut = True


def qualified(kind: type[BaseException]) -> str:
    return (
        kind.__qualname__
        if kind.__module__ == builtins.__name__
        else f"{kind.__module__}.{kind.__qualname__}"
    )


def _ended_by(error: BaseException, file: Path) -> Ending:
    frames = [f for f in traceback.extract_tb(error.__traceback__) if f.filename == str(file)]
    return Ending(
        error=qualified(type(error)),
        text="".join(traceback.format_exception_only(error)),
        line=frames[-1].lineno or 0 if frames else 0,
        story="".join(traceback.format_exception(error)).replace(str(file), "app/main.py"),
    )


@contextlib.contextmanager
def _little_memory() -> Iterator[None]:
    # Not RLIMIT_AS: a thread reserves address space for its arena that it never uses.
    before = resource.getrlimit(resource.RLIMIT_DATA)
    resource.setrlimit(resource.RLIMIT_DATA, (MOST_MEMORY, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_DATA, before)
