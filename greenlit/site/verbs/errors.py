"""The error index: by rank, symptom, layer or driver."""

from __future__ import annotations

import xml.etree.ElementTree as etree

from greenlit import DRIVERS
from greenlit.error_index import groups
from greenlit.project import Project
from greenlit.site.page import Page

EXAMPLE = TARGET = "rank"


def check(project: Project, target: str) -> None:
    list(groups(project, target))


def render(page: Page, target: str) -> etree.Element:
    listing = etree.Element("div")
    for heading, errors in groups(page.project, target):
        if not errors:
            continue
        if heading:
            etree.SubElement(listing, "h2").text = heading
        items = etree.SubElement(listing, "ul" if heading else "ol", {"class": "gl-errors"})
        for error in errors:
            item = etree.SubElement(items, "li")
            etree.SubElement(item, "a", {"href": f"{error.slug}.md"}).text = error.title
            if target != "driver" and len(error.drivers) < len(DRIVERS):
                etree.SubElement(item, "small").text = f" {', '.join(error.drivers)}"
    return listing
