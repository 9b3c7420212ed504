"""Run cases in the environment of a release line, which is made once and kept in `.cache/lines/`."""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import pickle
import shutil
import subprocess
import sys
import tempfile
import tomllib
from dataclasses import dataclass, replace
from pathlib import Path

from greenlit import Mistake
from greenlit.difference import same, spellings
from greenlit.project import HERE
from greenlit.proof.apart import STEM, stem
from greenlit.proof.database import Stage
from greenlit.proof.output import with_output
from greenlit.proof.run import Rejected, execute
from greenlit.proof.watch import checked
from greenlit.record import Record, Run, digest
from greenlit.snippet import Requirement, Snippet

NEXT = "next"
"""Stands for a line: the newest of everything that is wanted, pre-releases as well."""

MOVES_WITH = {"fastapi": ("starlette", "anyio")}
"""What a release of a package allows in a narrow range only."""

CANNOT_HAVE = {"fastapi==0.105.*": ("taskiq",), "fastapi==0.106.*": ("taskiq",)}
"""What does not fit to a line, at any release: snippets that use both name a newer one."""

Case = tuple[str, str]
"""The name of a snippet, and a driver."""


@dataclass(frozen=True)
class Result:
    """Of a case on a line: its run, or why there is none."""

    line: str
    name: str
    driver: str
    run: Run | None = None
    problem: str = ""


def python(line: str) -> Path:
    """The interpreter of an environment with all that snippets ask for, at the locked versions, but the line in its place."""
    groups = tomllib.loads((HERE.root / "pyproject.toml").read_text())["dependency-groups"]
    named = [need for snippet in HERE.all() for need in snippet.dependencies]
    if line == NEXT:
        pins = sorted(map(_newest, groups["prove"]))
    else:
        wanted = [need for need in [*groups["prove"], *named] if not _left_out(line, need)]
        pins = sorted({_pinned(line, need) for need in wanted})
    key = hashlib.sha256("\n".join([line, sys.version, *pins]).encode()).hexdigest()[:12]
    folder = HERE.root / ".cache" / "lines" / f"{line.rstrip('.*')}-{key}"
    if line == NEXT:
        shutil.rmtree(folder, ignore_errors=True)
    if not (folder / "made").is_file():
        shutil.rmtree(folder, ignore_errors=True)
        _uv("venv", "--python", sys.executable, str(folder))
        more = ["--prerelease", "allow", "--upgrade"] if line == NEXT else []
        _uv("pip", "install", "--python", str(folder), *more, *pins)
        (folder / "made").touch()
    return folder / "bin" / "python"


def _uv(*arguments: str) -> None:
    done = subprocess.run(["uv", *arguments, "--quiet"], capture_output=True, text=True, check=False)
    if done.returncode:
        raise Mistake(f"an environment cannot be made: {done.stderr.strip()}")


def _left_out(line: str, wanted: str) -> bool:
    """Does a line bring a release of its own of this, or fit to none?"""
    package = Requirement.parse(wanted).package
    return package in MOVES_WITH.get(line.partition("==")[0], ()) or package in CANNOT_HAVE.get(line, ())


def _pinned(line: str, wanted: str) -> str:
    package, _, version = line.partition("==")
    need = Requirement.parse(wanted)
    return f"{need.package}{need.extras}=={version if need.package == package else HERE.locked[need.package]}"


def _newest(wanted: str) -> str:
    """Without its upper bound; what is pinned to one version stays."""
    need = Requirement.parse(wanted)
    return f"{need.package}{need.extras}{need.bounds.split(',')[0]}"


def run(line: str, interpreter: Path, cases: list[Case], server: str) -> list[Result]:
    with tempfile.TemporaryDirectory() as folder:
        result = Path(folder) / "runs"
        environment = {
            **os.environ,
            "PYTHONPATH": str(HERE.root),
            "GREENLIT_SERVER": server,
            "GREENLIT_RESULT": str(result),
        }
        command = [str(interpreter), "-m", "greenlit.proof.lines", line]
        done = subprocess.run(command, env=environment, input=json.dumps(cases), text=True, check=False)
        if done.returncode or not result.is_file():
            raise Mistake(f"{line}: its runs came to no end: see above")
        results: list[Result] = pickle.loads(result.read_bytes())
        return results


def _run_here(line: str) -> None:
    """The child's part: run the cases that come by standard input, with what is installed here."""
    cases: list[Case] = json.loads(sys.stdin.read())
    with (
        tempfile.TemporaryDirectory() as folder,
        stem() as os.environ[STEM],
        contextlib.closing(Stage(os.environ["GREENLIT_SERVER"], Path(folder))) as stage,
    ):
        results = [_run(line, HERE.snippet(name), driver, stage) for name, driver in cases]
    Path(os.environ["GREENLIT_RESULT"]).write_bytes(pickle.dumps(results))


def _run(line: str, snippet: Snippet, driver: str, stage: Stage) -> Result:
    try:
        seen = execute(checked, snippet, driver, stage)
    except Rejected as rejected:
        return Result(line, snippet.name, driver, problem=f"with {line}: {rejected}")
    run = seen.run
    run.release, run.source = line, digest(snippet)
    if not snippet.is_claims:
        run.printed = replace(snippet, source=with_output(snippet.source, seen.printed)).output
    return Result(line, snippet.name, driver, compared(snippet, run))


def compared(snippet: Snippet, run: Run) -> Run:
    """With what its record says about the locked versions: what did the same is not written out again."""
    locked = Record.of(snippet).find(run.driver)
    if locked and same(snippet, run, locked):
        run.same, run.spelling = True, spellings(snippet, run, locked)
        run.sections, run.printed = locked.sections, locked.output(snippet)
    return run


if __name__ == "__main__":
    # Under its own name, by which the results are read again.
    from greenlit.proof.lines import _run_here as run_here

    run_here(sys.argv[1])
