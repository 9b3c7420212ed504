"""What is not run everywhere, and why.

Everything that a header takes out of a rule, by kind, and in each by the reason that it gives.
"""

from __future__ import annotations

import xml.etree.ElementTree as etree
from collections.abc import Iterable
from html import escape

from greenlit import DRIVERS
from greenlit.alone import NEEDS
from greenlit.claim import listed
from greenlit.project import Project
from greenlit.site import targets
from greenlit.site.markup.tables import table
from greenlit.site.page import Page
from greenlit.snippet import Snippet, usual_lines

EXAMPLE = TARGET = targets.NOTHING

KINDS = {
    "drivers": "Run on {} only",
    "needs": "In need of more than a database",
    "leaks": "Leaks a connection, which is what it shows",
    "unrecorded": "Run and its output compared, but its ledger is not recorded",
    "without": "Not run on a release line of this site",
}


def check(project: Project, target: str) -> None:
    targets.nothing(target)


def render(page: Page, target: str) -> etree.Element:
    check(page.project, target)
    snippets = page.project.all()
    box = page.box("".join(exemptions(snippets)) or "<p>Nothing: every file runs on all three drivers.</p>")
    if rows := _bounds(page.project, snippets):
        intro = etree.SubElement(box, "p")
        intro.text = "Not run on an older release line, because the file needs a newer release:"
        box.append(table(["Release line", "The file", "Files"], rows))
    return box


def exemptions(snippets: Iterable[Snippet]) -> list[str]:
    """A part for each kind, the largest first; in it a reason once, with all files that give it."""
    kinds: dict[str, dict[str, list[str]]] = {}
    for snippet in snippets:
        for key, kind in KINDS.items():
            if key in snippet.declarations:
                name, reason = _said(snippet, key, kind)
                kinds.setdefault(name, {}).setdefault(reason, []).append(snippet.name)
    return [_part(*kind) for kind in sorted(kinds.items(), key=lambda kind: -_files(kind[1]))]


def _said(snippet: Snippet, key: str, kind: str) -> tuple[str, str]:
    said = snippet.declarations[key]
    if key == "needs":
        return kind, NEEDS[snippet.needs]
    if key == "drivers":
        drivers = [driver for driver in DRIVERS if driver in snippet.drivers]
        return kind.format(listed(drivers, "and")), said.partition("(")[2].removesuffix(")")
    return kind, said


def _files(reasons: dict[str, list[str]]) -> int:
    return sum(map(len, reasons.values()))


def _part(kind: str, reasons: dict[str, list[str]]) -> str:
    items = ""
    for reason, names in sorted(reasons.items(), key=lambda item: -len(item[1])):
        files = ", ".join(f"<code>{escape(name)}</code>" for name in names)
        items += f"<li>{escape(reason[:1].upper() + reason[1:])}.<br><small>{files}</small></li>"
    count = _files(reasons)
    summary = f"{kind}: {count} {'file' if count == 1 else 'files'}"
    return f'<details class="gl-exempt"><summary>{summary}</summary><ul>{items}</ul></details>'


def _bounds(project: Project, snippets: Iterable[Snippet]) -> list[list[str]]:
    """The lines that lie below what files ask for: a file that needs a newer release says so in its metadata."""
    below: dict[tuple[str, str], int] = {}
    for snippet in snippets:
        for line in usual_lines(project.root):
            why = snippet.why_not_on(line)
            if why.startswith("asks for "):
                below[line, why] = below.get((line, why), 0) + 1
    return [[line, why, str(count)] for (line, why), count in below.items()]
