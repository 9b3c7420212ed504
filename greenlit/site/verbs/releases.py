"""The outcome on each release line.

A row for each release line and outcome; drivers that agree share a row.
"""

from __future__ import annotations

import xml.etree.ElementTree as etree
from collections.abc import Iterator
from html import escape

from greenlit import Mistake
from greenlit.project import Project
from greenlit.record import Record, Run
from greenlit.site import targets
from greenlit.site.page import Page
from greenlit.snippet import Snippet

EXAMPLE = "lifecycle/commit_after_yield/commit"
TARGET = targets.FILE


def check(project: Project, target: str) -> None:
    snippet = targets.file_of(project, target)
    if not snippet.releases:
        raise Mistake(
            f"{snippet.shown_path} names no release lines: declare '# also: …', or take @releases out"
        )


def render(page: Page, target: str) -> etree.Element:
    return page.box(table(targets.file_of(page.project, target)), {"class": "gl-releases"})


def table(snippet: Snippet) -> str:
    record = Record.of(snippet)
    if not any(run.release for run in record.runs):
        raise Mistake(f"no release lines are recorded for {snippet.shown_path}: run 'make matrix'")
    package = snippet.releases[0].split("==")[0]
    rows = ""
    for release in [*snippet.releases, ""]:
        runs = [run for run in record.runs if run.release == release]
        for drivers, outcome in _by_outcome(snippet, runs).items():
            version = next((v for name, v in runs[0].proven.items() if name.lower() == package), "")
            rows += f"<tr><td>{escape(version)}</td><td>{', '.join(drivers)}</td><td>{outcome}</td></tr>"
    name = next((n for run in record.runs for n in run.proven if n.lower() == package), package)
    return (
        f"<table><thead><tr><th>{escape(name)}</th><th>Driver</th><th>What <code>{escape(snippet.path.name)}</code>"
        f" did</th></tr></thead><tbody>{rows}</tbody></table>"
    )


def _by_outcome(snippet: Snippet, runs: list[Run]) -> dict[tuple[str, ...], str]:
    drivers: dict[str, list[str]] = {}
    for run in runs:
        drivers.setdefault("".join(_outcome(snippet, run)), []).append(run.driver)
    return {tuple(names): outcome for outcome, names in drivers.items()}


def _outcome(snippet: Snippet, run: Run) -> Iterator[str]:
    printed = run.output(snippet)
    for text in printed:
        yield f"<code>{escape(text)}</code><br>"
    if run.raised:
        first = run.raised.splitlines()[0]
        yield f'<code class="gl-raised">{escape(first)}</code>'
    elif not printed:
        yield "runs to its end"
