"""How many files ran, on each driver and each release line.

A row for what the lock pins, and one for each older release line, with how many of its runs did something else.
"""

from __future__ import annotations

import xml.etree.ElementTree as etree

from greenlit import DRIVERS
from greenlit.project import Project
from greenlit.record import Record, Run
from greenlit.site import targets
from greenlit.site.markup.tables import table
from greenlit.site.page import Page

EXAMPLE = TARGET = targets.NOTHING


def check(project: Project, target: str) -> None:
    targets.nothing(target)


def render(page: Page, target: str) -> etree.Element:
    check(page.project, target)
    runs = [run for snippet in page.project.all() for run in Record.of(snippet).runs]
    return table(["Versions", *DRIVERS], rows(runs))


def rows(runs: list[Run]) -> list[list[str]]:
    """What is locked comes first, then the packages with the most runs; of each, the newest line first."""
    lines: dict[str, list[Run]] = {}
    for run in runs:
        lines.setdefault(run.release, []).append(run)
    of_package: dict[str, int] = {}
    for run in runs:
        of_package[run.package] = of_package.get(run.package, 0) + 1

    def order(line: str) -> tuple[bool, int, list[int]]:
        package, _, version = line.partition("==")
        return bool(line), -of_package[package], [-int(part) for part in version.split(".") if part.isdigit()]

    return [
        [_name(lines[line][0]), *(_cell(lines[line], driver) for driver in DRIVERS)]
        for line in sorted(lines, key=order)
    ]


def _name(run: Run) -> str:
    return (
        f"{run.shown(run.package)} {run.release.partition('==')[2].removesuffix('.*')}"
        if run.release
        else "what the lock pins"
    )


def _cell(runs: list[Run], driver: str) -> str:
    """The number of files, and of those that did something else than with the versions of the lock."""
    found = [run for run in runs if run.driver == driver]
    other = sum(bool(run.release) and not run.same for run in found)
    return f"{len(found)}, {other} differ" if other else str(len(found) or "none")
