"""What a directive points at: a file, one section of it, or nothing."""

from __future__ import annotations

import re

from greenlit import Mistake
from greenlit.claim import Claim, chosen
from greenlit.project import Project
from greenlit.snippet import Snippet

FILE = "guide/page/idea"
SECTION = "guide/page/idea#section"
CLAIMS = "guide/page/claims#some, of_them"
NOTHING = ""


def section_of(project: Project, target: str) -> tuple[Snippet, str]:
    """The file, and the name of a section that it has."""
    name, hash_, section = target.partition("#")
    if not hash_ or not section:
        raise Mistake(f"name a section: {SECTION}")
    snippet = project.snippet(name)
    snippet.section(section)
    return snippet, section


def file_of(project: Project, target: str) -> Snippet:
    if not target or "#" in target:
        raise Mistake(f"name a file, not a section: {FILE}")
    return project.snippet(target)


def claims_in(project: Project, target: str) -> tuple[Snippet, tuple[Claim, ...]]:
    """The file, and those of its claims that are named behind it, or all."""
    name, _, names = target.partition("#")
    snippet = project.snippet(name)
    if not snippet.is_claims:
        raise Mistake(f"{snippet.shown_path} holds no claims: name the file claims.py of a page's folder")
    return snippet, chosen(snippet, names)


def nothing(target: str) -> None:
    if target:
        raise Mistake(f"it takes no target: take '{target}' out")


def output_lines(snippet: Snippet, section: str) -> list[str]:
    """What a section prints; what is longer than a line of code stands in a block below its print."""
    text = snippet.section(section).text
    found = re.findall(r'^ *#> ?(.*)$|\)\n *"""\n *(.*)\n *"""$', text, re.MULTILINE)
    return [short or long for short, long in found]
