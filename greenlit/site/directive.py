"""The lines of Markdown that place what was run on a page: `@snippet guide/page/idea#section`, and others.

It is a Python-Markdown extension, because both MkDocs and its successor Zensical build with
Python-Markdown. It only reads: whatever it shows was recorded by `make update`. What each
directive shows is in `greenlit/site/verbs/`.
"""

from __future__ import annotations

import logging
import re
import xml.etree.ElementTree as etree
from typing import Any

from markdown import Extension, Markdown
from markdown.blockprocessors import BlockProcessor
from markdown.treeprocessors import Treeprocessor

from greenlit import Mistake
from greenlit.claim import listed
from greenlit.project import HERE, Project
from greenlit.site.markup.tables import Tables
from greenlit.site.page import Page
from greenlit.site.verbs import verb
from greenlit.site.words import Words

DIRECTIVE = re.compile(r"^@(?P<verb>[a-z]+)(?:[ \t]+(?P<target>\S.*?))?[ \t]*$")

# A warning in this logger's family fails `mkdocs build --strict`, and `mkdocs serve` goes on.
log = logging.getLogger("mkdocs.greenlit")


class Directive(BlockProcessor):
    def __init__(self, md: Markdown, project: Project, base_url: str) -> None:
        super().__init__(md.parser)
        self.page = Page(project, md, base_url)

    def test(self, parent: etree.Element, block: str) -> bool:
        return all(DIRECTIVE.match(line) for line in block.strip().splitlines())

    def run(self, parent: etree.Element, blocks: list[str]) -> None:
        for line in blocks.pop(0).strip().splitlines():
            match = DIRECTIVE.match(line)
            assert match is not None
            try:
                element = verb(match["verb"]).render(self.page, match["target"] or "")
            except Mistake as mistake:
                log.warning("'%s': %s", line.strip(), mistake)
                element = self.page.problem(f"{line.strip()}: {mistake}")
            parent.append(element)


class Ending(Treeprocessor):
    """What the ledgers of a page were run on, once at its end: all of them have it in common."""

    def __init__(self, md: Markdown, page: Page) -> None:
        super().__init__(md)
        self.page = page

    def run(self, root: etree.Element) -> None:
        if self.page.proven:
            versions = listed(
                [f"{name} {listed(found, 'and')}" for name, found in self.page.proven.items()], "and"
            )
            ending = etree.SubElement(root, "p", {"class": "gl-proven", "data-search-exclude": ""})
            ending.text = f"The ledgers of this page were run on {versions}. Each says which older releases did the same."


class SnippetExtension(Extension):
    def __init__(self, project: Project = HERE, **options: Any) -> None:
        self.config = {
            "base_url": ["http://127.0.0.1:8000/", "Where the site is, for the command that runs a snippet"]
        }
        self._project = project
        super().__init__(**options)

    def extendMarkdown(self, md: Markdown) -> None:
        base_url = self.getConfig("base_url").rstrip("/") + "/"
        self._directive = Directive(md, self._project, base_url)
        # Before paragraphs, and before the reference definitions that would swallow nothing of it.
        md.parser.blockprocessors.register(self._directive, "greenlit", 75)
        # After the inline patterns, and before MkDocs looks at the links.
        md.treeprocessors.register(Words(md, self._project), "greenlit_words", 8)
        # Behind the words of cells and before whatever a theme does to a page.
        md.treeprocessors.register(Tables(md), "greenlit_tables", 15)
        md.treeprocessors.register(Ending(md, self._directive.page), "greenlit_ending", 14)
        md.registerExtension(self)

    def reset(self) -> None:
        self._directive.page.begin()


def makeExtension(**options: Any) -> SnippetExtension:
    return SnippetExtension(**options)
