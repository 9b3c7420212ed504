"""What the lab recorded (greenlit/proof/charts.py)."""

from __future__ import annotations

import re
import xml.etree.ElementTree as etree

from greenlit import Mistake
from greenlit.project import Project
from greenlit.site.page import Page

EXAMPLE = TARGET = "wait_asyncpg"


def check(project: Project, target: str) -> None:
    picture(project, target)


def render(page: Page, target: str) -> etree.Element:
    return page.box(picture(page.project, target), {"class": "gl-figure"}, "figure")


def picture(project: Project, name: str) -> str:
    path = project.charts / f"{name}.svg"
    if not path.is_file():
        raise Mistake(
            f"there is no chart '{name}': name it in greenlit/proof/charts.py and run 'make charts'"
        )
    # On a page, the style sheet of the site has its colours: see `pool.css`.
    return re.sub(r"<style>.*?</style>", "", path.read_text(), flags=re.DOTALL).strip()
