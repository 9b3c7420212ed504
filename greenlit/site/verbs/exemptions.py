"""What is not run everywhere, and why.

Everything that a header takes out of a rule, with the reason that it gives.
"""

from __future__ import annotations

import xml.etree.ElementTree as etree
from html import escape

from greenlit.alone import NEEDS
from greenlit.project import Project
from greenlit.site import targets
from greenlit.site.page import Page
from greenlit.snippet import usual_lines

EXAMPLE = TARGET = targets.NOTHING


def check(project: Project, target: str) -> None:
    targets.nothing(target)


def render(page: Page, target: str) -> etree.Element:
    check(page.project, target)
    return page.box(exemptions(page.project))


def exemptions(project: Project) -> str:
    rows = ""
    for snippet in project.all():
        for key in ("drivers", "needs", "leaks", "unrecorded", "without"):
            if key in snippet.declarations:
                said = escape(NEEDS.get(snippet.needs, "") if key == "needs" else snippet.declarations[key])
                rows += f"<tr><td><code>{escape(snippet.shown_path)}</code></td><td>{key}</td><td>{said}</td></tr>"
    if not rows:
        return "<p>Nothing: every snippet runs on all three drivers, and every line that it shows is recorded.</p>"
    return (
        "<table><thead><tr><th>Snippet</th><th>Exempt from</th><th>Why</th></tr></thead>"
        f"<tbody>{rows}</tbody></table>{_bounds(project)}"
    )


def _bounds(project: Project) -> str:
    """The lines that lie below what files ask for: a file that needs a newer release says so in its metadata."""
    below: dict[tuple[str, str], int] = {}
    for snippet in project.all():
        for line in usual_lines(project.root):
            why = snippet.why_not_on(line)
            if why.startswith("asks for "):
                below[line, why] = below.get((line, why), 0) + 1
    rows = "".join(
        f"<tr><td>{escape(line)}</td><td>{escape(why)}</td><td>{count}</td></tr>"
        for (line, why), count in below.items()
    )
    return rows and (
        "<p>Not run on an older release line, because the file needs a newer release:</p>"
        "<table><thead><tr><th>Release line</th><th>The file</th><th>Snippets</th></tr></thead>"
        f"<tbody>{rows}</tbody></table>"
    )
