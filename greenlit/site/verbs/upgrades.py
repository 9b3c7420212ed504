"""What changes from one release line of a package to the next.

Each difference that the records hold, by its kind, with what both did at one place, and the pages that it touches.
"""

from __future__ import annotations

import re
import xml.etree.ElementTree as etree
from html import escape

from greenlit import DRIVERS, Mistake
from greenlit.claim import claims_of
from greenlit.difference import CONNECTIONS, ORDER, PRINTS, RAISES, SQL, TRANSACTIONS
from greenlit.project import Project
from greenlit.site.changes import HOLDS, Change, Place, Step, steps
from greenlit.site.page import Page

EXAMPLE = "sqlalchemy"
TARGET = "package"

KINDS = {
    HOLDS: "True on one side only",
    RAISES: "Raises something else",
    SQL: "Sends other SQL",
    TRANSACTIONS: "Other transactions",
    CONNECTIONS: "Other connections",
    ORDER: "Other order",
    PRINTS: "Prints something else",
}
MOST_PAGES, MOST_TEXTS = 6, 4
LONGEST = 300
"""Of a text that is shown: the page has all of it."""


def check(project: Project, target: str) -> None:
    packages = {line.partition("==")[0] for snippet in project.all() for line in snippet.releases}
    if target not in packages:
        raise Mistake(
            f"no snippet is recorded on a line of '{target}': there are {', '.join(sorted(packages))}"
        )


def render(page: Page, target: str) -> etree.Element:
    box = etree.Element("div", {"class": "gl-upgrades"})
    for step in steps(page.project, target):
        if step.changes:
            _step(page, box, step, target)
    return box


def _step(page: Page, box: etree.Element, step: Step, package: str) -> None:
    name = next(name for name in step.changes[0].places[0].new.proven if name.lower() == package)
    etree.SubElement(box, "h3").text = f"{name} {step.old} to {step.new}"
    same = etree.SubElement(box, "p")
    same.text = (
        f"{step.same} runs did the same on both. {len(step.changes)} differences were recorded in the others."
    )
    for kind, title in KINDS.items():
        alike = [change for change in step.changes if change.kind == kind]
        if alike:
            etree.SubElement(box, "h4").text = title
            for change in alike:
                box.append(_change(page, change, step))


def _change(page: Page, change: Change, step: Step) -> etree.Element:
    first = change.places[0]
    item = etree.Element("div", {"class": "gl-change"})
    page.add(item, f"<p><strong>{_sentence(change.kind, first, step)}</strong></p>")
    if change.kind != HOLDS:
        sides = ((step.old, first.difference.old), (step.new, first.difference.new))
        page.add(item, f'<div class="gl-sides">{"".join(_side(line, texts) for line, texts in sides)}</div>')
    where = etree.SubElement(item, "p", {"class": "gl-where"})
    where.text = f"On {_drivers(change)}: "
    pages = _pages(page.project, change)
    for title, href in list(pages.items())[:MOST_PAGES]:
        if len(where):
            where[-1].tail = ", "
        etree.SubElement(where, "a", {"href": href}).text = title
    if len(pages) > MOST_PAGES:
        where[-1].tail = f" and {len(pages) - MOST_PAGES} more pages"
    return item


def _sentence(kind: str, place: Place, step: Step) -> str:
    old, new = place.difference.old, place.difference.new
    if kind == HOLDS:
        claim = next(claim for claim in claims_of(place.snippet) if claim.name == place.claim)
        holds = claim.holds(place.new)
        line, other, why = (step.new, step.old, old[0]) if holds else (step.old, step.new, new[0])
        return f"With {line}, not with {other} ({escape(why)}): {_code(claim.sentence)}"
    if kind == RAISES and old and new:
        names = [texts[-1].partition(":")[0].rpartition(".")[2] for texts in (old, new)]
        if names[0] != names[1]:
            return f"<code>{escape(names[1])}</code> instead of <code>{escape(names[0])}</code>"
        return f"<code>{escape(names[0])}</code> has another text"
    if not old or not new:
        return f"{KINDS[kind]}: only with {step.old if old else step.new}"
    return KINDS[kind]


def _side(line: str, texts: tuple[str, ...]) -> str:
    shown = "".join(f"<pre><code>{escape(_short(text))}\n</code></pre>" for text in texts[:MOST_TEXTS])
    return f'<div><p class="gl-line-name">{escape(line)}</p>{shown or "<p>Nothing of the kind.</p>"}</div>'


def _code(text: str) -> str:
    return re.sub("`([^`]+)`", r"<code>\1</code>", escape(text))


def _short(text: str) -> str:
    return text if len(text) <= LONGEST else f"{text[:LONGEST]} …"


def _drivers(change: Change) -> str:
    drivers = {driver for names in change.snippets.values() for driver in names}
    return ", ".join(driver for driver in DRIVERS if driver in drivers)


def _pages(project: Project, change: Change) -> dict[str, str]:
    """Each page, and where it is: a page is a folder of snippets."""
    found = {}
    for name in change.snippets:
        guide, page, _ = name.split("/")
        if (project.docs / "guides" / guide / f"{page}.md").is_file():
            found[f"{guide}/{page}"] = f"/guides/{guide}/{page}.md"
    return found
