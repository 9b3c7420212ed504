"""Links of the directives, `/run.md`: MkDocs resolves them, and Zensical leaves them as they are."""

from __future__ import annotations

import re
from pathlib import Path

from greenlit.project import Project
from greenlit.site.moved import address

LEFT = re.compile(r'(?<= href=")/(?P<page>[\w/]+\.md)(?=["#])')


def resolve(project: Project, site: Path) -> None:
    """To the address of the page, relative to the page that links."""
    for path in site.rglob("*.html"):
        html = path.read_text()
        up = "../" * (len(path.relative_to(site).parts) - 1)
        parts = LEFT.split(html)  # What is around each link, and in between the name of its page.
        parts[1::2] = [up + address(name) or "./" for name in parts[1::2]]
        if len(parts) > 1:
            path.write_text("".join(parts))
