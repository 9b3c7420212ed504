"""Where a traceback is pasted.

A script fills in the answer.
"""

from __future__ import annotations

import xml.etree.ElementTree as etree

from greenlit.project import Project
from greenlit.site import targets
from greenlit.site.page import Page

EXAMPLE = TARGET = targets.NOTHING
BLOCKED = {"class": "gl-blocked", "hidden": "hidden"}


def check(project: Project, target: str) -> None:
    targets.nothing(target)


def render(page: Page, target: str) -> etree.Element:
    check(page.project, target)
    box = page.box(_form(page.number("doctors")), {"class": "gl-doctor"})
    _lists(etree.SubElement(box, "noscript"), "This needs JavaScript. Without it, use the ")
    _lists(box, "doctor.js was not loaded, so nothing can be read here. Use the ", **BLOCKED)
    unknown = etree.SubElement(box, "p", {"class": "gl-unknown", "hidden": "hidden"})
    unknown.text = "Go by what you see instead: "
    link = etree.SubElement(unknown, "a", {"href": "/guides/errors/by_symptom.md"})
    link.text = "errors by symptom"
    link.tail = "."
    etree.SubElement(box, "ol", {"class": "gl-diagnoses"})
    return box


def _lists(inside: etree.Element, without: str, **attributes: str) -> None:
    said = etree.SubElement(inside, "p", attributes)
    said.text = without
    link = etree.SubElement(said, "a", {"href": "/guides/errors/index.md"})
    link.text = "list of errors"
    link.tail = "."


def _form(number: int) -> str:
    name = f"gl-doctor-{number}"
    return (
        f'<label for="{name}">Paste your traceback, or the last line of it</label>'
        f'<textarea id="{name}" rows="7" spellcheck="false" autocomplete="off" autocapitalize="off" '
        f'aria-describedby="{name}-private"></textarea>'
        f'<p class="gl-private" id="{name}-private">It stays in your browser: nothing is sent anywhere. '
        f'<button type="button" class="gl-example">Try an example</button> '
        f'or open a log file: <input type="file" aria-label="Open a log file"></p>'
        '<p role="status"></p>'
    )
