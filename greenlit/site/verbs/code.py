"""A section of a file and nothing else."""

from __future__ import annotations

import os
import xml.etree.ElementTree as etree

from greenlit import alone
from greenlit.playground import agreed
from greenlit.project import Project
from greenlit.site import targets
from greenlit.site.markup.code import block, buttons, command
from greenlit.site.page import Page
from greenlit.snippet import BREAKS, Snippet

EXAMPLE = "expiry/read_after_commit/read#model"
TARGET = targets.SECTION


def check(project: Project, target: str) -> None:
    targets.section_of(project, target)


def render(page: Page, target: str) -> etree.Element:
    return figure(page, *targets.section_of(page.project, target))


def figure(page: Page, snippet: Snippet, section: str) -> etree.Element:
    """The code below the name of its file and, the first time on a page, the command that runs it."""
    box = etree.Element("div", {"class": "gl gl-breaks" if snippet.breaks else "gl", **run_here(snippet)})
    box.attrib["id"] = page.anchor(f"code-{snippet.path.stem}-{section}")
    if beside := _beside(snippet):
        box.attrib["data-twin"] = beside
    shown = etree.SubElement(box, "div", {"class": "language-python highlight no-copy"})
    title = etree.SubElement(shown, "span", {"class": "filename"})
    # An element, not finished HTML, so that MkDocs sees the link, checks it and makes it relative.
    etree.SubElement(title, "a", {"href": f"/{snippet.shown_path}"}).text = snippet.shown_path
    if snippet.breaks:
        etree.SubElement(title, "span", {"class": "gl-mark"}).text = "breaks"
    page.add(title, buttons())
    page.add(shown, block(snippet.section(section).text))
    if snippet.is_runnable and page.is_first_of(snippet.name):
        page.add(box, command(alone.run_command(snippet, page.base_url)))
        if alone.needs_postgresql(snippet):
            box.append(_need(snippet))
    return box


def _beside(snippet: Snippet) -> str:
    """Where its fix is, or its twin, seen from the file itself: `copying.js` offers it."""
    if snippet.breaks:
        fix = snippet.path.with_name(f"{snippet.path.stem.removesuffix(BREAKS)}.py")
        return fix.name if fix.is_file() else ""
    if snippet.twin is None:
        return ""
    twin = snippet.beside(snippet.twin).path
    return twin.name if twin.parent == snippet.path.parent else os.path.relpath(twin, snippet.path.parent)


def run_here(snippet: Snippet) -> dict[str, str]:
    """Marks what a script may offer to run in the reader's browser."""
    offered = snippet.name in agreed.agreed() and not agreed.is_left_out()
    return {"data-run": ""} if offered else {}


def _need(snippet: Snippet) -> etree.Element:
    note = etree.Element("p", {"class": "gl-needs"})
    note.text = f"It {alone.message(snippet).partition(':')[0]}: "
    link = etree.SubElement(note, "a", {"href": "/run.md"})
    link.text, link.tail = "where it comes from, and how to use your own", "."
    return note
