"""On an error's page: its cause, and where it occurs."""

from __future__ import annotations

import xml.etree.ElementTree as etree
from html import escape

from greenlit import DRIVERS
from greenlit.error_index import ErrorPage
from greenlit.project import Project
from greenlit.site.page import Page

EXAMPLE = TARGET = "missing_await"


def check(project: Project, target: str) -> None:
    ErrorPage.find(project, target)


def render(page: Page, target: str) -> etree.Element:
    error = ErrorPage.find(page.project, target)
    box = etree.Element("div", {"class": "gl-cause"})
    etree.SubElement(box, "p").text = error.cause
    page.add(box, facts(error))
    return box


def facts(error: ErrorPage) -> str:
    """What it is raised as, where, and SQLAlchemy's own page on it."""
    rows = []
    if error.classes:
        rows.append(("Raised as", "<br>".join(f"<code>{escape(name)}</code>" for name in error.classes)))
    where = "all three drivers" if len(error.drivers) == len(DRIVERS) else ", ".join(error.drivers)
    rows.append(("Occurs with", escape(where)))
    if error.code and error.code.isalnum():
        link = f"https://sqlalche.me/e/21/{error.code}"
        rows.append(("SQLAlchemy's page", f'<a href="{link}">{link.removeprefix("https://")}</a>'))
    listed = "".join(f"<div><dt>{name}</dt><dd>{value}</dd></div>" for name, value in rows)
    return f'<dl class="gl-facts">{listed}</dl>'
