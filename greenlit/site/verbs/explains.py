"""The errors whose pages lead to this guide's page, under their short names."""

from __future__ import annotations

import re
import xml.etree.ElementTree as etree
from collections import defaultdict
from functools import cache

from greenlit import Mistake
from greenlit.error_index import error_pages
from greenlit.project import Project
from greenlit.site.navigation import labels
from greenlit.site.page import Page

EXAMPLE = "expiry/read_after_commit"
TARGET = "guide/page"

HEADING = "Errors this explains"
LINK = re.compile(r"\]\(\.\./(?P<page>[a-z]+/\w+)\.md\b")
"""From an error's page to the page of another guide."""


def check(project: Project, target: str) -> None:
    if not (project.docs / "guides" / f"{target}.md").is_file():
        raise Mistake(f"there is no docs/guides/{target}.md: name the page that this stands on")
    if target not in explained(project):
        raise Mistake(f"no error page links to guides/{target}.md: take the line out")


def render(page: Page, target: str) -> etree.Element:
    check(page.project, target)
    box = etree.Element("div", {"class": "gl-explains"})
    etree.SubElement(box, "h2", {"id": "errors-this-explains"}).text = HEADING
    items = etree.SubElement(box, "ul")
    names = labels(page.project)
    for slug, title in explained(page.project)[target]:
        item = etree.SubElement(items, "li")
        link = etree.SubElement(item, "a", {"href": f"../errors/{slug}.md"})
        link.text = names.get(f"guides/errors/{slug}.md", title)
    return box


def explained(project: Project) -> dict[str, list[tuple[str, str]]]:
    """For each page of the other guides, the errors that lead to it: the most common first."""
    changed = max((path.stat().st_mtime_ns for path in project.error_pages.glob("*.md")), default=0)
    return _explained(project, changed)


@cache
def _explained(project: Project, changed: int) -> dict[str, list[tuple[str, str]]]:
    """Read once, and again when a page has changed: many pages ask."""
    found = defaultdict(list)
    for error in error_pages(project):
        for page in dict.fromkeys(LINK.findall(error.path.read_text())):
            found[page].append((error.slug, error.title))
    return dict(found)
