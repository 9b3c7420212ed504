"""The outcome on each release line.

A row for each release line and outcome; drivers that agree share a row.
"""

from __future__ import annotations

import xml.etree.ElementTree as etree
from html import escape
from itertools import groupby

from greenlit import Mistake
from greenlit.project import Project
from greenlit.record import Record, Run
from greenlit.site import targets
from greenlit.site.markup.tables import table
from greenlit.site.page import Page
from greenlit.snippet import Snippet

EXAMPLE = "lifecycle/commit_after_yield/commit"
TARGET = targets.FILE


def check(project: Project, target: str) -> None:
    snippet = targets.file_of(project, target)
    if not snippet.releases:
        raise Mistake(f"{snippet.shown_path} is not run on other release lines: take @releases out")


def render(page: Page, target: str) -> etree.Element:
    snippet = targets.file_of(page.project, target)
    shown = _shown(snippet)
    if not shown:
        raise Mistake(f"no release lines are recorded for {snippet.shown_path}: run 'make matrix'")
    box = etree.Element("div", {"class": "gl-releases"})
    for runs in shown:
        box.append(_table(page, snippet, runs))
    return box


def _shown(snippet: Snippet) -> list[list[Run]]:
    """The runs on the lines of each package, with those of the lock, where outcomes differ; if none do, those of one."""
    runs = Record.of(snippet).runs
    locked = [run for run in runs if not run.release]
    packages = dict.fromkeys(run.package for run in runs if run.release)
    lined = [
        [run for run in runs if run.package == package]
        for package in sorted(packages, key=lambda package: package != "fastapi")
    ]
    moved = [
        older
        for older in lined
        if any(_outcome(snippet, run) != _outcome(snippet, _newest(run, locked)) for run in older)
    ]
    return [[*older, *locked] for older in moved or lined[:1]]


def _newest(run: Run, locked: list[Run]) -> Run:
    return next(other for other in locked if other.driver == run.driver)


def _table(page: Page, snippet: Snippet, runs: list[Run]) -> etree.Element:
    name = runs[0].shown(runs[0].package)
    outcomes: dict[str, dict[str, list[str]]] = {}
    for run in runs:
        drivers = outcomes.setdefault(run.proven[name], {}).setdefault(_outcome(snippet, run), [])
        drivers.append(run.driver)
    rows = []
    for found, versions in groupby(outcomes, key=lambda version: outcomes[version]):
        shown = ", ".join(versions)
        rows += [[shown, ", ".join(drivers), page.stash(outcome)] for outcome, drivers in found.items()]
    return table([name, "Driver", f"What {snippet.path.name} did"], rows)


def _outcome(snippet: Snippet, run: Run) -> str:
    printed = run.output(snippet)
    said = "".join(f"<code>{escape(text)}</code><br>" for text in printed)
    if run.raised:
        return f'{said}<code class="gl-raised">{escape(run.raised.splitlines()[0])}</code>'
    return said or "runs to its end"
