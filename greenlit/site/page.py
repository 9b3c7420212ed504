"""What the directives of one page have in common while Markdown renders it."""

from __future__ import annotations

import xml.etree.ElementTree as etree
from html import escape

from markdown import Markdown

from greenlit.project import Project


class Page:
    def __init__(self, project: Project, md: Markdown, base_url: str) -> None:
        self.project, self.base_url = project, base_url
        self._md = md
        self.begin()

    def begin(self) -> None:
        """Markdown uses one parser for all pages, and resets it for each."""
        self._counts: dict[str, int] = {}
        self._commands: set[str] = set()
        self.proven: dict[str, list[str]] = {}
        """What the ledgers of this page were run on: the versions of each package, said once at its end."""

    def number(self, of: str) -> int:
        """1 for the first of its kind on this page: identifiers are made of it."""
        self._counts[of] = self._counts.get(of, 0) + 1
        return self._counts[of]

    def anchor(self, name: str) -> str:
        """An identifier that nothing else on this page has."""
        number = self.number(f"#{name}")
        return name if number == 1 else f"{name}-{number}"

    def ran_on(self, proven: dict[str, str]) -> None:
        for package, version in proven.items():
            versions = self.proven.setdefault(package, [])
            if version not in versions:
                versions.append(version)

    def is_first_of(self, name: str) -> bool:
        """A page offers the command that runs a file once, however many of its sections it shows."""
        first = name not in self._commands
        self._commands.add(name)
        return first

    def link(self, reference: str) -> str | None:
        """Where `[reference]: target` on the page leads, if it is defined above the directive."""
        target, _ = self._md.references.get(reference.lower(), (None, None))
        return target

    def add(self, parent: etree.Element, markup: str) -> None:
        """Append finished HTML. Markdown must not look into it, so it goes through the stash."""
        placeholder = self.stash(markup)
        if len(parent):
            parent[-1].tail = (parent[-1].tail or "") + placeholder
        else:
            parent.text = (parent.text or "") + placeholder

    def stash(self, markup: str) -> str:
        """What stands for finished HTML until the page is done."""
        return self._md.htmlStash.store(markup)

    def box(self, markup: str, attributes: dict[str, str] | None = None, tag: str = "div") -> etree.Element:
        """An element that holds finished HTML."""
        element = etree.Element(tag, attributes or {})
        self.add(element, markup)
        return element

    def problem(self, text: str) -> etree.Element:
        """In place of a directive that cannot be rendered: `make serve` goes on, and the author sees why."""
        element = etree.Element("div", {"class": "admonition failure"})
        etree.SubElement(element, "p", {"class": "admonition-title"}).text = "This page has a mistake"
        self.add(element, f"<p>{escape(text)}</p>")
        return element
