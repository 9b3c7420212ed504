"""What a reader gets who fetches a snippet, and which style sheets a page asks for."""

from __future__ import annotations

import re
from pathlib import Path

from greenlit.project import Project
from greenlit.record import write_whole
from greenlit.unmarked import unmarked

UNUSED = re.compile(r'<link rel="stylesheet" href="[^"]*_mkdocstrings\.css">\n?')
DOCUMENTED = 'class="doc '
"""What mkdocstrings writes into a page that shows a module's documentation, and its style sheet is for."""


def without_markers(project: Project, site: Path) -> None:
    """The marks of sections are for the pages that show them: whoever copies or runs a file has no use for them."""
    for path in (site / "snippets").rglob("*.py"):
        if not path.resolve().is_relative_to(site.resolve()):
            continue  # A link into the project: its files keep their marks.
        source = path.read_text()
        bare = unmarked(source)
        if bare != source:
            write_whole(path, bare)


def without_unused_styles(project: Project, site: Path) -> None:
    """mkdocstrings has each page load its style sheet: a request and 1.7 kB, for a handful of pages."""
    for path in site.rglob("*.html"):
        page = path.read_text()
        if DOCUMENTED not in page and UNUSED.search(page):
            write_whole(path, UNUSED.sub("", page))
