"""Our own words: where a page first uses one, a press of its button says what it means, as the glossary does.

A popover needs no script, and it opens by touch, by key and by mouse.
"""

from __future__ import annotations

import re
import xml.etree.ElementTree as etree
from functools import cache

from markdown import Markdown
from markdown.treeprocessors import Treeprocessor
from markdown.util import AtomicString

from greenlit.project import Project

OURS = ("ledger", "twin")
HOLDS_TEXT = {"p", "li", "dd", "td"}
LEFT_ALONE = {"a", "code", "pre", "button", "h1", "h2", "h3", "h4", "h5", "h6"}


class Words(Treeprocessor):
    def __init__(self, md: Markdown, project: Project) -> None:
        super().__init__(md)
        self.project = project

    def run(self, root: etree.Element) -> None:
        page = self.project.docs / "glossary.md"
        if not page.is_file() or (root.findtext("h1") or "").startswith("Glossary"):
            return
        wanted = dict(_meanings(page.read_text()))
        _mark(root, wanted, inside=False)


def _mark(element: etree.Element, wanted: dict[str, str], *, inside: bool) -> None:
    """Its own text first, then each child and what follows it; a word that is found is wanted no more."""
    if element.tag in LEFT_ALONE or element.get("class", "").startswith("gl"):
        return
    inside = inside or element.tag in HOLDS_TEXT
    if inside:
        element.text = _split(element, 0, element.text, wanted)
    for child in list(element):
        _mark(child, wanted, inside=inside)
        if inside:
            child.tail = _split(element, list(element).index(child) + 1, child.tail, wanted)


def _split(parent: etree.Element, place: int, text: str | None, wanted: dict[str, str]) -> str | None:
    """Put the buttons of all words in this text there; what is returned stands before the first."""
    if not text or isinstance(text, AtomicString) or not wanted:
        return text
    match = re.search(rf"\b(?:{'|'.join(wanted)})s?\b", text, re.IGNORECASE)
    if match is None:
        return text
    word = match[0].lower().removesuffix("s")
    button = etree.Element(
        "button", {"type": "button", "class": "gl-word", "popovertarget": f"gl-word-{word}"}
    )
    button.text = AtomicString(match[0])
    meaning = etree.Element(
        "span", {"popover": "", "class": "gl-meaning", "id": f"gl-word-{word}", "data-search-exclude": ""}
    )
    meaning.text = AtomicString(f"{wanted.pop(word)} ")
    etree.SubElement(meaning, "a", {"href": f"/glossary.md#{word}"}).text = "Glossary"
    parent.insert(place, button)
    parent.insert(place + 1, meaning)
    meaning.tail = _split(parent, place + 2, text[match.end() :], wanted)
    return text[: match.start()]


@cache
def _meanings(glossary: str) -> tuple[tuple[str, str], ...]:
    """The first sentence below each of our words."""
    found = (
        (word, re.search(rf"^## {word}\n\n(.+?\.)(?:\s|$)", glossary, re.MULTILINE | re.IGNORECASE))
        for word in OURS
    )
    return tuple((word, match[1]) for word, match in found if match)
