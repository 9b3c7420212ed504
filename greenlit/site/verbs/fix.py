"""The difference between the file and its broken twin."""

from __future__ import annotations

import xml.etree.ElementTree as etree
from html import escape

from greenlit import Mistake
from greenlit.difference import fix_rows
from greenlit.project import Project
from greenlit.site import targets
from greenlit.site.markup.code import python, wrapping
from greenlit.site.page import Page
from greenlit.snippet import Snippet

EXAMPLE = "expiry/read_after_commit/read"
TARGET = targets.FILE


def check(project: Project, target: str) -> None:
    _pair(project, target)


def render(page: Page, target: str) -> etree.Element:
    return page.box(difference(*_pair(page.project, target)), {"class": "gl gl-fix"})


def _pair(project: Project, target: str) -> tuple[Snippet, Snippet]:
    snippet = targets.file_of(project, target)
    if snippet.twin is None:
        raise Mistake(f"{snippet.shown_path} has no twin: @fix takes the file that is right")
    return snippet.beside(snippet.twin), snippet


def difference(twin: Snippet, snippet: Snippet) -> str:
    rows = "".join(_row(row[:1], row[1:]) for row in fix_rows(twin, snippet))
    title = f"{twin.path.name} → {snippet.path.name}"
    return (
        f'<div class="language-diff highlight no-copy"><span class="filename">{escape(title)}</span>'
        f"<pre><code>{rows}</code></pre></div>"
    )


def _row(sign: str, text: str) -> str:
    if sign == "@":
        return '<span class="gu">⋯</span>\n'
    kind = {"-": "gd", "+": "gi"}.get(sign, "")
    return wrapping(text, python(text), kind, f'<span class="gl-sign">{sign}</span>')
