"""Follow the releases: `make bump` moves the lock, runs everything anew, and says what changed, by kind."""

from __future__ import annotations

import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace

from greenlit.difference import differences
from greenlit.project import HERE, Project
from greenlit.record import Record, Run
from greenlit.snippet import Snippet

STEPS = (
    ("uv", "lock", "--upgrade"),
    ("uv", "sync", "--frozen", "--all-groups"),
    ("make", "update"),
    ("make", "matrix"),
)
"""Each begins where the one before it has ended well; a run that fails leaves what was written for `git diff`."""

Runs = dict[tuple[str, str], Run]


def main() -> None:
    versions, before = HERE.locked, recorded(HERE)
    for step in STEPS:
        print(f"$ {' '.join(step)}", flush=True)
        if subprocess.run(step, cwd=HERE.root, check=False).returncode:
            sys.exit(
                f"'{' '.join(step)}' fails: mend what it names, then run it and those after it: {_rest(step)}"
            )
    after = Project(HERE.root)
    print("\n".join(summary(versions, after.locked, before, after)))


def recorded(project: Project) -> Runs:
    """What each snippet does with the locked versions, with its output."""
    return {
        (snippet.name, run.driver): replace(run, printed=run.output(snippet))
        for snippet in project.all()
        for run in Record.of(snippet).runs
        if not run.release
    }


def summary(old: dict[str, str], new: dict[str, str], before: Runs, project: Project) -> Iterator[str]:
    for package in sorted(old.keys() | new.keys()):
        if old.get(package) != new.get(package):
            yield f"{package}: {old.get(package, 'nothing')} -> {new.get(package, 'nothing')}"
    found: dict[tuple[str, str], list[str]] = {}
    for snippet in project.all():
        for driver, kind in _changed(snippet, before):
            found.setdefault((kind, snippet.name), []).append(driver)
    counts = Counter(kind for kind, _ in found)
    for kind, count in counts.most_common():
        yield f"\n{kind}: {count} snippets"
        yield from (
            f"  {name} on {', '.join(drivers)}" for (one, name), drivers in found.items() if one == kind
        )
    yield f"\n{sum(counts.values())} differences: read them with 'git diff snippets'"


def _changed(snippet: Snippet, before: Runs) -> Iterator[tuple[str, str]]:
    for run in Record.of(snippet).runs:
        known = before.get((snippet.name, run.driver))
        if known and not run.release:
            # Under a name, so that its output is that of its time and not what the file says now.
            for difference in differences(snippet, replace(known, release="before"), run):
                yield run.driver, difference.kind


def _rest(failed: tuple[str, ...]) -> str:
    return ", ".join(f"'{' '.join(step)}'" for step in STEPS[STEPS.index(failed) + 1 :]) or "nothing"


if __name__ == "__main__":
    main()
