"""What is not run everywhere, and why.

Everything that a header takes out of a rule, with the reason that it gives.
"""

from __future__ import annotations

import xml.etree.ElementTree as etree
from html import escape

from greenlit.project import Project
from greenlit.site import targets
from greenlit.site.page import Page
from greenlit.snippet import NEEDS

EXAMPLE = TARGET = targets.NOTHING


def check(project: Project, target: str) -> None:
    targets.nothing(target)


def render(page: Page, target: str) -> etree.Element:
    check(page.project, target)
    return page.box(exemptions(page.project))


def exemptions(project: Project) -> str:
    rows = ""
    for snippet in project.all():
        for key in ("drivers", "needs", "leaks", "unrecorded"):
            if key in snippet.declarations:
                said = escape(NEEDS.get(snippet.needs, "") if key == "needs" else snippet.declarations[key])
                rows += f"<tr><td><code>{escape(snippet.shown_path)}</code></td><td>{key}</td><td>{said}</td></tr>"
    if not rows:
        return "<p>Nothing: every snippet runs on all three drivers, and every line that it shows is recorded.</p>"
    return (
        "<table><thead><tr><th>Snippet</th><th>Exempt from</th><th>Why</th></tr></thead>"
        f"<tbody>{rows}</tbody></table>"
    )
