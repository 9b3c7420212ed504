"""The command that asks the doctor in a terminal.

It is fetched from the site that shows this, and names its pages.
"""

from __future__ import annotations

import xml.etree.ElementTree as etree

from greenlit.project import Project
from greenlit.site import targets
from greenlit.site.markup.code import command
from greenlit.site.page import Page

EXAMPLE = TARGET = targets.NOTHING


def check(project: Project, target: str) -> None:
    targets.nothing(target)


def render(page: Page, target: str) -> etree.Element:
    check(page.project, target)
    line = f"uv run {page.base_url}assets/doctor.py --site {page.base_url} < trace.txt"
    return page.box(command(line), {"class": "gl"})
