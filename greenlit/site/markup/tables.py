"""Tables as a phone and a wide page can show them, whether Markdown made them or a directive.

Each stands in a box of its own, which scrolls. One of three columns or more has the name of the column in each
cell: on a phone, its rows are cards. A browser then no longer takes it for a table, so its roles are written out.
"""

from __future__ import annotations

import re
import xml.etree.ElementTree as etree

from markdown.treeprocessors import Treeprocessor
from markdown.util import AtomicString

FEWEST_COLUMNS = 3
ROLES = {
    "table": "table",
    "thead": "rowgroup",
    "tbody": "rowgroup",
    "tr": "row",
    "th": "columnheader",
    "td": "cell",
}
STASHED = re.compile("\x02[^\x03]*\x03")
"""What Markdown puts in the place of finished HTML."""


class Tables(Treeprocessor):
    def run(self, root: etree.Element) -> None:
        for parent in list(root.iter()):
            for place, child in enumerate(parent):
                if child.tag == "table" and not child.get("class"):
                    parent[place] = boxed(child)


def table(heads: list[str], rows: list[list[str]]) -> etree.Element:
    """A table of words."""
    made = etree.Element("table")
    row = etree.SubElement(etree.SubElement(made, "thead"), "tr")
    for head in heads:
        etree.SubElement(row, "th").text = AtomicString(head)
    body = etree.SubElement(made, "tbody")
    for cells in rows:
        row = etree.SubElement(body, "tr")
        for cell in cells:
            etree.SubElement(row, "td").text = AtomicString(cell)
    return made


def boxed(table: etree.Element) -> etree.Element:
    """The table with its labels, in the box that scrolls."""
    box = etree.Element("div", {"class": "gl-table", "tabindex": "0"})
    box.tail, table.tail = table.tail, None
    # With a class, Material's script lets it be: it would measure each table and put a box around it.
    table.set("class", "gl-plain")
    heads = [STASHED.sub("", "".join(head.itertext())).strip() for head in table.iter("th")]
    if len(heads) >= FEWEST_COLUMNS:
        table.set("class", "gl-cards")
        for element in table.iter():
            if role := ROLES.get(str(element.tag)):
                element.set("role", role)
        for row in table.iter("tr"):
            for head, cell in zip(heads, row.findall("td"), strict=False):
                cell.set("data-label", head)
    box.append(table)
    return box
