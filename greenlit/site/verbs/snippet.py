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
    runs = Record.of(snippet).runs
    if not runs:
        raise Mistake(f"nothing is recorded for {snippet.shown_path}: run 'make update'")
    for run in runs:
        if not run.release:
            page.ran_on(run.proven)
    foot = etree.Element("p", {"class": "gl-foot", "data-search-exclude": ""})
    if any(run.sections.get(section) for run in runs):
        contents, foot.text = captured(page, snippet, section)
        page.add(figure, tabs(contents, page.number("tabs")))
        etree.SubElement(foot, "a", {"href": "/reading.md"}).text = "How to read this"
    else:
        foot.text = _nothing(snippet)
    figure.append(foot)
    return figure


def captured(page: Page, snippet: Snippet, section: str) -> tuple[list[tuple[str, str]], str]:
    """For each driver, what the section did on each release line that did something of its own; and what they share."""
    of_driver = {}
    for driver in snippet.drivers:
        runs = [run for run in Record.of(snippet).runs if run.driver == driver]
        if runs:
            found = variants(runs, lambda run: did(run.sections.get(section)))
            of_driver[driver] = alike(found, partial(_but_for_errors, section))
    alsos = {_also(group[0]) for groups in of_driver.values() for group in groups}
    shared = alsos.pop() if len(alsos) == 1 else ""
    contents = []
    for driver, groups in of_driver.items():
        shown = [_tab(snippet, group, section, shared) for group in groups]
        contents.append((driver, shown[0][1] if len(shown) == 1 else tabs(shown, page.number("tabs"))))
    return contents, shared


def _but_for_errors(section: str, variant: Variant) -> object:
    return did(variant.run.sections.get(section), errors=False)


def _tab(snippet: Snippet, variants: list[Variant], section: str, shared: str) -> tuple[str, str]:
    """Those that differ in the texts of errors only share a tab, which has all of these texts."""
    newest, *others = variants
    content = _recorded(snippet, newest.run, section) + _other_texts(newest, others, section)
    also = _also(newest)
    return newest.label, content + (
        f'<p class="gl-also">{escape(also)}</p>' if also and also != shared else ""
    )


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
    return f'<p class="gl-nothing">{escape(_nothing(snippet), quote=False)}</p>'


def _nothing(snippet: Snippet) -> str:
    why = snippet.declarations.get("unrecorded")
    if why:
        return f"Run, and its output compared, but not recorded: {why}."
    return "No SQL and no connection from these lines."


def _also(variant: Variant) -> str:
    return f"The same on {variant.also}. " if variant.also else ""
