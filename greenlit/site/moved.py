"""The addresses that pages have had: each is a page, or leads to one.

`addresses.txt` lists all pages, one a line, and `make catalogue` adds new ones. A page that is renamed or taken out
leaves its line, as `old.md -> new.md`; the built site has a page there that sends the reader on.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from html import escape
from pathlib import Path

from greenlit.project import Project
from greenlit.site.built import Built

NAME = "addresses.txt"
HEAD = "# Every address that a page has had. Renamed or taken out: 'old.md -> new.md'. 'make catalogue' adds new pages."
ARROW = " -> "


def listing(project: Project) -> Path:
    return project.root / "greenlit" / "site" / NAME


def rows(project: Project) -> dict[str, str]:
    """Each name, and where it leads if it is no page any more."""
    path = listing(project)
    lines = path.read_text().splitlines() if path.is_file() else []
    parts = (line.partition(ARROW) for line in lines if line and not line.startswith("#"))
    return {name: target for name, _, target in parts}


def pages(project: Project) -> set[str]:
    return {page.relative_to(project.docs).as_posix() for page in project.pages()}


def completed(project: Project) -> str:
    """The list with the pages that it lacks."""
    known = dict.fromkeys(pages(project), "") | rows(project)
    lines = (f"{name}{ARROW}{target}" if target else name for name, target in sorted(known.items()))
    return "\n".join([HEAD, *lines]) + "\n"


def problems(project: Project) -> Iterator[str]:
    there, known = pages(project), rows(project)
    for number, (name, target) in enumerate(sorted(known.items()), 2):
        where = f"{project.shown(listing(project))}:{number}: {name}"
        if not target and name not in there:
            yield f"{where} is no page any more: write '{name}{ARROW}guides/new_name.md', for links from elsewhere"
        elif target and name in there:
            yield f"{where} is a page: take the arrow away"
        elif target and target not in there:
            yield f"{where} leads to {target}, which is no page"


def address(name: str) -> str:
    """Relative to the site's: `guides/errors/` for `guides/errors/index.md`."""
    return re.sub(r"(?:(?<=/)|^)index/$", "", name.removesuffix(".md") + "/")


def send_on(project: Project, site: Path) -> None:
    """A page for each old address. Without a script, an anchor that was asked for is lost."""
    for name, target in rows(project).items():
        new = site / address(target) / "index.html"
        if target and new.is_file():
            path = site / address(name) / "index.html"
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(_page(address(name), address(target), Built(new).url))


def _page(old: str, new: str, whole: str) -> str:
    up = "../" * old.count("/")
    to = escape(up + new)
    return (
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8"><title>This page has moved</title>'
        f'<meta name="robots" content="noindex"><link rel="canonical" href="{escape(whole)}"><meta http-equiv="refresh" content="0; url={to}"></head>'
        f'<body><p>This page has moved: <a href="{to}">go there</a>.</p><script src="{up}assets/moved.js"></script></body></html>\n'
    )
