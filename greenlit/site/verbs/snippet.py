"""A section of a file and, in tabs, what it did on each driver."""

from __future__ import annotations

import xml.etree.ElementTree as etree
from html import escape

from greenlit import Mistake
from greenlit.project import Project
from greenlit.record import Record, Run
from greenlit.site import targets
from greenlit.site.markup.ledger import ledger
from greenlit.site.markup.tabs import tabs
from greenlit.site.page import Page
from greenlit.site.verbs import code
from greenlit.snippet import Snippet

EXAMPLE = "expiry/read_after_commit/read#read"
TARGET = targets.SECTION


def check(project: Project, target: str) -> None:
    targets.section_of(project, target)


def render(page: Page, target: str) -> etree.Element:
    snippet, section = targets.section_of(page.project, target)
    contents = captured(snippet, section)
    figure = code.figure(page, snippet, section)
    page.add(figure, tabs(contents, page.number("tabs")))
    return figure


def captured(snippet: Snippet, section: str) -> list[tuple[str, str]]:
    """For each driver: the ledger of the section with its uncaught error, and what it was run on."""
    record = Record.of(snippet)
    runs = [run for driver in snippet.drivers if (run := record.find(driver))]
    if not runs:
        raise Mistake(f"nothing is recorded for {snippet.shown_path}: run 'make update'")
    return [(run.driver, _recorded(snippet, run, section) + _proven(run)) for run in runs]


def _recorded(snippet: Snippet, run: Run, section: str) -> str:
    if lines := run.sections.get(section):
        return ledger(lines)
    why = snippet.declarations.get("unrecorded")
    nothing = (
        f"Run, and its output compared, but not recorded: {why}."
        if why
        else "No SQL and no connection from these lines."
    )
    return f'<p class="gl-nothing">{escape(nothing, quote=False)}</p>'


def _proven(run: Run) -> str:
    versions = ", ".join(f"{name} {version}" for name, version in run.proven.items())
    return f'<p class="gl-proven">Run on {escape(versions)}</p>'
