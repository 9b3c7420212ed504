"""The output of a section (cells between " | ") as a table.

A cell may hold Markdown, such as `code`. The page links a cell by defining, above the table, `[row: column]: target`.
"""

from __future__ import annotations

import xml.etree.ElementTree as etree

from greenlit import Mistake
from greenlit.project import Project
from greenlit.site import targets
from greenlit.site.page import Page

EXAMPLE = "expiry/index/operations#table"
TARGET = targets.SECTION
TINTED = ("stale", "Greenlet", "Detached", "readable")
"""What `tables.css` has a colour for."""


def check(project: Project, target: str) -> None:
    cells(project, target)


def render(page: Page, target: str) -> etree.Element:
    heads, *rows = cells(page.project, target)
    table = etree.Element("table")
    row = etree.SubElement(etree.SubElement(table, "thead"), "tr")
    for head in heads:
        etree.SubElement(row, "th").text = head
    body = etree.SubElement(table, "tbody")
    for texts in rows:
        row = etree.SubElement(body, "tr")
        for head, text in zip(heads, texts, strict=True):
            cell = etree.SubElement(row, "td", {"data-cell": text} if text in TINTED else {})
            if href := page.link(f"{texts[0]}: {head}"):
                cell = etree.SubElement(cell, "a", {"href": href})
            cell.text = text
    return table


def cells(project: Project, target: str) -> list[list[str]]:
    """What the section printed, one row a line."""
    snippet, section = targets.section_of(project, target)
    rows = [[cell.strip() for cell in row.split("|")] for row in targets.output_lines(snippet, section)]
    if len(rows) < 2 or len({len(row) for row in rows}) != 1:
        raise Mistake(
            f"{snippet.shown_path}#{section} prints no table: print a head and rows with equally many ' | '"
        )
    return rows
