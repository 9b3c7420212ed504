"""A section of a file and, in tabs, what it did on each driver."""

from __future__ import annotations

import xml.etree.ElementTree as etree
from functools import partial
from html import escape

from greenlit import Mistake
from greenlit.difference import did, told
from greenlit.project import Project
from greenlit.record import Record, Run
from greenlit.site import targets
from greenlit.site.markup.ledger import ledger
from greenlit.site.markup.tabs import tabs
from greenlit.site.markup.variants import Variant, alike, variants
from greenlit.site.page import Page
from greenlit.site.verbs import code
from greenlit.snippet import Snippet

EXAMPLE = "expiry/read_after_commit/read#read"
TARGET = targets.SECTION


def check(project: Project, target: str) -> None:
    targets.section_of(project, target)


def render(page: Page, target: str) -> etree.Element:
    snippet, section = targets.section_of(page.project, target)
    figure = code.figure(page, snippet, section)
    page.add(figure, tabs(captured(page, snippet, section), page.number("tabs")))
    return figure


def captured(page: Page, snippet: Snippet, section: str) -> list[tuple[str, str]]:
    """For each driver: what the section did, on each release line that did something of its own."""
    record = Record.of(snippet)
    if not record.runs:
        raise Mistake(f"nothing is recorded for {snippet.shown_path}: run 'make update'")
    contents = []
    for driver in snippet.drivers:
        runs = [run for run in record.runs if run.driver == driver]
        if runs:
            found = variants(runs, lambda run: did(run.sections.get(section)))
            shown = [
                _tab(snippet, group, section) for group in alike(found, partial(_but_for_errors, section))
            ]
            contents.append((driver, shown[0][1] if len(shown) == 1 else tabs(shown, page.number("tabs"))))
    return contents


def _but_for_errors(section: str, variant: Variant) -> object:
    return did(variant.run.sections.get(section), errors=False)


def _tab(snippet: Snippet, variants: list[Variant], section: str) -> tuple[str, str]:
    """Those that differ in the texts of errors only share a tab, which has all of these texts."""
    newest, *others = variants
    content = _recorded(snippet, newest.run, section) + _other_texts(newest, others, section)
    return newest.label, content + _proven(newest)


def _other_texts(newest: Variant, others: list[Variant], section: str) -> str:
    known = told(newest.run.sections.get(section))
    return "".join(
        f'<p class="gl-older">{escape(other.label)}: <code>{escape(text)}</code></p>'
        for other in others
        for text in dict.fromkeys(told(other.run.sections.get(section)))
        if text not in known
    )


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


def _proven(variant: Variant) -> str:
    versions = ", ".join(f"{name} {version}" for name, version in variant.run.proven.items())
    same = f". The same on {variant.also}" if variant.also else ""
    return f'<p class="gl-proven">Run on {escape(versions)}{escape(same)}</p>'
