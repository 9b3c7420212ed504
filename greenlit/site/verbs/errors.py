"""The error index: by rank, symptom, layer or driver; `common` is the beginning of the first.

Above the groups, a script filters by words and driver. Without it the list is whole.
"""

from __future__ import annotations

import xml.etree.ElementTree as etree

from markdown.extensions.toc import slugify

from greenlit import DRIVERS
from greenlit.error_index import ErrorPage, groups
from greenlit.project import Project
from greenlit.site.page import Page

EXAMPLE = TARGET = "rank"


def check(project: Project, target: str) -> None:
    list(groups(project, target))


def render(page: Page, target: str) -> etree.Element:
    listing = etree.Element("div")
    if target in ("layer", "symptom", "driver"):
        page.add(listing, _filter())
    for heading, errors in groups(page.project, target):
        if not errors:
            continue
        # One element for a group: the filter hides those of which nothing is left.
        group = etree.SubElement(listing, "div", {"class": "gl-errors"})
        if heading:
            title = etree.SubElement(group, "h2", {"id": slugify(heading, "-")})
            title.text = f"{heading} "
            etree.SubElement(title, "small").text = str(len(errors))
        items = etree.SubElement(group, "ul" if heading else "ol")
        for error in errors:
            _item(items, error, named=target != "driver")
    return listing


def _item(items: etree.Element, error: ErrorPage, *, named: bool) -> None:
    """`named`: the drivers stand beside an error that not all of them have."""
    some = ", ".join(error.drivers) if len(error.drivers) < len(DRIVERS) else ""
    item = etree.SubElement(items, "li", {"data-drivers": some} if some else {})
    etree.SubElement(item, "a", {"href": f"{error.slug}.md"}).text = error.title
    if some and named:
        etree.SubElement(item, "small").text = f" {some}"


def _filter() -> str:
    chips = "".join(
        f'<label><input type="radio" name="driver" value="{driver}"{"" if driver else " checked"}>{driver or "any"}</label>'
        for driver in ("", *DRIVERS)
    )
    return (
        '<form class="gl-filter" aria-label="Filter the list">'
        '<label>Filter the list <input type="search" name="words" autocomplete="off" spellcheck="false"></label>'
        f'<fieldset><legend>Driver</legend>{chips}</fieldset><p role="status"></p></form>'
    )
