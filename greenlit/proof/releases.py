"""Run snippets on older release lines: `make matrix`.

The lines of the project (`[tool.greenlit]` in pyproject.toml) concern every snippet that uses the package; a file asks
for further ones (`# also: asyncpg==0.30.*`). All else stays at what the lock pins, so that one thing varies at a time.
The toolkit's own tests run on `TOOLKIT_LINES`.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from greenlit import DRIVERS, Mistake
from greenlit.difference import differences
from greenlit.project import HERE
from greenlit.proof import lines
from greenlit.record import Record, Run, digest
from greenlit.snippet import Snippet

TOOLKIT_LINES = ("sqlalchemy==2.0.*",)
"""What the toolkit's modules promise to run on, beside what the lock has."""

LANES = 2 * (os.cpu_count() or 1)
"""Side by side. They mostly wait."""

BATCH = 300
"""Cases that one process runs: it takes two seconds to begin."""


def main() -> None:
    parser = argparse.ArgumentParser(prog="make matrix", description=__doc__)
    parser.add_argument("names", nargs="*", help="snippets, such as expiry/read_after_commit; all by default")
    parser.add_argument("--check", action="store_true", help="compare with the ledgers and write nothing")
    parser.add_argument("--on", metavar="LINE", help="say what differs on this line, and write nothing")
    options = parser.parse_args()
    try:
        snippets = [HERE.snippet(name) for name in options.names or HERE.names()]
        if options.on:
            print("\n".join(_report(snippets, options.on)))
            return
        wrong = _matrix(snippets, check=options.check, toolkit=not options.names)
    except Mistake as mistake:
        sys.exit(str(mistake))
    sys.exit("\n".join(wrong) or None)


@dataclass(frozen=True)
class Line:
    """A release line, and the snippets that it concerns."""

    name: str
    snippets: list[Snippet]

    def batches(self) -> list[list[lines.Case]]:
        """Equal parts, each with some of every page: what is slow stands together."""
        cases = [
            (snippet.name, driver) for snippet in self.snippets for driver in drivers_on(snippet, self.name)
        ]
        count = -(-len(cases) // BATCH)
        return [cases[first::count] for first in range(count)]


def _matrix(snippets: list[Snippet], *, check: bool, toolkit: bool) -> list[str]:
    names = sorted({line for snippet in snippets for line in snippet.releases})
    lined = [Line(name, [snippet for snippet in snippets if name in snippet.releases]) for name in names]
    results, wrong = _run(lined, TOOLKIT_LINES if toolkit else ())
    wrong += [result.problem for result in results if result.problem]
    found: dict[str, list[Run]] = {}
    for result in results:
        if result.run:
            found.setdefault(result.name, []).append(result.run)
    for snippet in snippets:
        runs = found.get(snippet.name, [])
        if check:
            wrong += [problem for run in runs if (problem := _drift(snippet, run))]
        elif runs:
            Record.of(snippet).replace(runs).save(snippet)
    return wrong


def _run(lined: list[Line], toolkit: tuple[str, ...] = ()) -> tuple[list[lines.Result], list[str]]:
    """All cases of all lines, and what is wrong with the toolkit on its own."""
    from greenlit.proof.database import postgres

    began = time.monotonic()
    with postgres() as server, ThreadPoolExecutor(LANES) as lanes:
        names = sorted({line.name for line in lined} | set(toolkit))
        pythons = dict(zip(names, lanes.map(lines.python, names), strict=True))
        tested = [lanes.submit(_toolkit, release, pythons[release]) for release in toolkit]
        jobs = [
            lanes.submit(lines.run, line.name, pythons[line.name], batch, server)
            for line in lined
            for batch in line.batches()
        ]
        results = [result for job in jobs for result in job.result()]
        wrong = [problem for job in tested for problem in job.result()]
    for name, count in Counter(result.line for result in results).items():
        print(f"{name}: {count} runs")
    print(f"{len(results)} runs in {time.monotonic() - began:.0f} s", flush=True)
    return results, wrong


def _drift(snippet: Snippet, run: Run) -> str | None:
    # Not above: the environment of a release line has no pytest-examples.
    from greenlit.proof.prove import compare
    from greenlit.proof.run import Rejected

    try:
        compare(snippet, run)
    except Rejected as rejected:
        return str(rejected)
    return None


def _report(snippets: list[Snippet], line: str) -> Iterator[str]:
    """Each difference from the locked versions by its kind, and the runs that have it."""
    package = line.partition("==")[0]
    concerned = [
        snippet
        for snippet in snippets
        if line == lines.NEXT or package in {need.package for need in snippet.requirements}
    ]
    results, _ = _run([Line(line, concerned)])
    by_name = {snippet.name: snippet for snippet in concerned}
    found: dict[str, list[str]] = {}
    for result in results:
        snippet, where = by_name[result.name], f"{result.name} on {result.driver}"
        if result.run is None:
            found.setdefault(f"no run: {result.problem}", []).append(where)
            continue
        locked = Record.of(snippet).find(result.driver)
        for one in differences(snippet, locked, result.run) if locked else ():
            rows = [f"  - {text}" for text in one.old] + [f"  + {text}" for text in one.new]
            found.setdefault("\n".join([one.kind, *rows]), []).append(where)
    for difference, places in sorted(found.items()):
        yield f"\n{difference}\n  {len(places)} runs: {', '.join(places)}"
    yield f"\n{len(found)} differences on {line}"


def drivers_on(snippet: Snippet, release: str) -> list[str]:
    """The drivers that a release line concerns: of a driver's own line, that driver only."""
    package = release.partition("==")[0]
    return [driver for driver in snippet.drivers if package not in DRIVERS or driver == package]


def stale(snippet: Snippet) -> list[str]:
    """Release lines whose record is missing, or older than the file. No environment is needed to see it."""
    record = Record.of(snippet)
    problems = []
    for release in snippet.releases:
        for driver in drivers_on(snippet, release):
            run = record.find(driver, release)
            if run is None or run.source != digest(snippet):
                problems.append(
                    f"{snippet.shown_path}:1: not recorded as it stands with {release} on {driver}: run 'make matrix'"
                )
    return problems


def _toolkit(release: str, python: Path) -> list[str]:
    """The toolkit's own tests, on a line."""
    command = [str(python), "-m", "pytest", "-q", "tests/toolkit"]
    environment = {**os.environ, "PYTHONPATH": str(HERE.root)}
    if subprocess.run(command, cwd=HERE.root, env=environment, check=False).returncode:
        return [f"tests/toolkit: fails with {release}: see above"]
    return []


if __name__ == "__main__":
    main()
