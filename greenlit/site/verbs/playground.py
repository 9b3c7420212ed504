"""Where a file is changed and run in the browser.

A script puts the editor there, with the code of the link or with an example.
"""

from __future__ import annotations

import xml.etree.ElementTree as etree

from greenlit.playground import agreed
from greenlit.project import Project
from greenlit.site import targets
from greenlit.site.page import Page

EXAMPLE = TARGET = targets.NOTHING


def check(project: Project, target: str) -> None:
    targets.nothing(target)


def render(page: Page, target: str) -> etree.Element:
    check(page.project, target)
    if agreed.is_left_out():
        return page.box("<p>This site was built without it.</p>", {})
    return page.box(
        "<noscript><p>An editor that runs an example in your browser. It needs JavaScript.</p></noscript>",
        {"class": "gl-here"},
    )
