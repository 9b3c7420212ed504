"""What changes from one release line of a package to the next.

Each difference that the records hold, by its kind, with what both did at one place, and the pages that it touches.
"""

from __future__ import annotations

import xml.etree.ElementTree as etree
from html import escape

from greenlit import DRIVERS, Mistake
from greenlit.claim import claims_of
from greenlit.difference import KINDS, RAISES
from greenlit.project import Project
from greenlit.site.changes import HOLDS, Change, Place, Step, steps
from greenlit.site.markup.code import prose
from greenlit.site.navigation import labels
from greenlit.site.page import Page

EXAMPLE = "sqlalchemy"
TARGET = "package"

MOST_PAGES, MOST_TEXTS = 4, 4
LONGEST = 160
"""Of a text that is shown: the page has all of it."""
BEFORE = 60
"""So much of what is alike is shown before the first difference."""


def check(project: Project, target: str) -> None:
    packages = {line.partition("==")[0] for snippet in project.all() for line in snippet.releases}
    if target not in packages:
        raise Mistake(
            f"no snippet is recorded on a line of '{target}': there are {', '.join(sorted(packages))}"
        )


def render(page: Page, target: str) -> etree.Element:
    """The newest step comes first, as in a changelog."""
    box = etree.Element("div", {"class": "gl-upgrades"})
    found = steps(page.project, target)
    for step in reversed(found):
        if step.changes:
            _step(page, box, step, target)
    if not any(step.changes for step in found):
        runs = sum(step.same for step in found)
        told = " and ".join(f"from {step.old} to {step.new}" for step in found)
        etree.SubElement(box, "p").text = f"Nothing: all {runs} runs did the same {told}."
    return box


def _step(page: Page, box: etree.Element, step: Step, package: str) -> None:
    name = step.changes[0].places[0].new.shown(package)
    etree.SubElement(box, "h3").text = f"{name} {step.old} to {step.new}"
    if step.same:
        same = etree.SubElement(box, "p")
        same.text = f"{step.same} runs did the same on both{_spelling(step)}."
    for kind in (HOLDS, *KINDS):
        alike = [change for change in step.changes if change.kind == kind]
        if alike:
            etree.SubElement(box, "h4").text = kind[0].upper() + kind[1:]
            for change in alike:
                box.append(_change(page, change, step))


def _spelling(step: Step) -> str:
    """What the runs that did the same wrote otherwise."""
    told = [f"{name} in {count} of them" for name, count in step.spelling.items()]
    return f", but for {' and '.join(told)}" if told else ""


def _change(page: Page, change: Change, step: Step) -> etree.Element:
    first = change.places[0]
    item = etree.Element("div", {"class": "gl-change"})
    page.add(item, f"<p><strong>{_sentence(change.kind, first, step)}</strong></p>")
    if change.kind != HOLDS:
        sides = zip((step.old, step.new), excerpts(first.difference.old, first.difference.new), strict=True)
        page.add(item, f'<div class="gl-sides">{"".join(_side(line, texts) for line, texts in sides)}</div>')
    where = etree.SubElement(item, "p", {"class": "gl-where"})
    where.text = f"On {_drivers(change)}: "
    pages = _pages(page.project, change)
    for title, href in list(pages.items())[:MOST_PAGES]:
        if len(where):
            where[-1].tail = " · "
        etree.SubElement(where, "a", {"href": href}).text = title
    if len(pages) > MOST_PAGES:
        where[-1].tail = f" and {len(pages) - MOST_PAGES} more pages"
    return item


def _sentence(kind: str, place: Place, step: Step) -> str:
    old, new = place.difference.old, place.difference.new
    if kind == HOLDS:
        claim = next(claim for claim in claims_of(place.snippet) if claim.name == place.claim)
        line, other, why = (
            (step.new, step.old, old[0]) if claim.holds(place.new) else (step.old, step.new, new[0])
        )
        return f"With {line}, not with {other} ({prose(why)}): {prose(claim.sentence)}"
    if kind == RAISES and old and new:
        names = [texts[-1].partition(":")[0].rpartition(".")[2] for texts in (old, new)]
        if names[0] != names[1]:
            return f"<code>{escape(names[1])}</code> instead of <code>{escape(names[0])}</code>"
        return f"<code>{escape(names[0])}</code> has another text"
    file = f"<code>{escape(place.snippet.path.name)}</code>"
    return file if old and new else f"{file}: only with {step.old if old else step.new}"


def excerpts(old: tuple[str, ...], new: tuple[str, ...]) -> tuple[str, str]:
    """Of both sides as much as can be read at once, from a little before the first difference."""
    texts = "\n".join(old[:MOST_TEXTS]), "\n".join(new[:MOST_TEXTS])
    alike = next((at for at, (one, other) in enumerate(zip(*texts, strict=False)) if one != other), 0)
    start = 0 if max(map(len, texts)) <= LONGEST or alike < LONGEST // 2 else alike - BEFORE
    old_text, new_text = (_cut(text, start) for text in texts)
    return old_text, new_text


def _cut(text: str, start: int) -> str:
    shown = text[start : start + LONGEST]
    return f"{'… ' if start else ''}{shown}{' …' if len(text) > start + LONGEST else ''}"


def _side(line: str, text: str) -> str:
    said = f"<code>{escape(text)}</code>" if text else "Nothing of the kind."
    return f'<div><p class="gl-line-name">{escape(line)}</p><p class="gl-said">{said}</p></div>'


def _drivers(change: Change) -> str:
    drivers = {driver for names in change.snippets.values() for driver in names}
    return ", ".join(driver for driver in DRIVERS if driver in drivers)


def _pages(project: Project, change: Change) -> dict[str, str]:
    """Each page, by its name in the navigation, and where it is: a page is a folder of snippets."""
    found, names = {}, labels(project)
    for name in change.snippets:
        guide, page, _ = name.split("/")
        if (project.docs / "guides" / guide / f"{page}.md").is_file():
            found[names[f"guides/{guide}/{page}.md"]] = f"/guides/{guide}/{page}.md"
    return found
