"""The one line of Markdown that places a snippet on a page, with what its runs captured.

    @snippet guide/page/idea#section    a section, and what it did on each driver
    @code guide/page/idea#section       a section, nothing else
    @fix guide/page/idea                what the fix changes in its broken twin
    @releases guide/page/idea           how the outcome depends on versions
    @table guide/page/idea#section      the output of a section, as a table
    @timeline guide/page/idea#section   the output of a section, as a picture of one request
    @chart wait_asyncpg                 what the lab recorded, as a picture
    @error missing_await                on an error's page: its cause, and where it occurs
    @errors rank                        the error index: by rank, symptom, layer or driver
    @doctor                             where a traceback is pasted
    @calculator                         where a pool is calculated
    @exemptions                         what is not run everywhere, and why

It is a Python-Markdown extension, because both MkDocs and its successor Zensical build with
Python-Markdown. It only reads: whatever it shows was recorded by `make update`.
"""

from __future__ import annotations

import html
import logging
import re
import xml.etree.ElementTree as etree
from collections.abc import Callable
from typing import Any

from markdown import Extension, Markdown
from markdown.blockprocessors import BlockProcessor

from greenlit import DRIVERS, Mistake, alone, error_index
from greenlit.project import HERE, Project
from greenlit.site import render, timeline
from greenlit.snippet import Snippet

DIRECTIVE = re.compile(r"^@(?P<verb>[a-z]+)(?:[ \t]+(?P<target>\S.*?))?[ \t]*$")

VERBS = (
    "snippet",
    "code",
    "fix",
    "releases",
    "table",
    "timeline",
    "chart",
    "error",
    "errors",
    "doctor",
    "calculator",
    "exemptions",
)
SECTION_VERBS = ("snippet", "code", "table", "timeline")
"""Those that show a section."""

# A warning in this logger's family fails `mkdocs build --strict`, and `mkdocs serve` goes on.
log = logging.getLogger("mkdocs.greenlit")


class Directive(BlockProcessor):
    def __init__(self, md: Markdown, base_url: str) -> None:
        super().__init__(md.parser)
        self.md = md
        self.base_url = base_url
        self.verbs: dict[str, Callable[[str], etree.Element]] = {
            verb: getattr(self, f"_{verb}") for verb in VERBS
        }
        self.reset()

    def reset(self) -> None:
        """A page begins."""
        self._tab_sets = 0
        self._offered: set[str] = set()
        self._doctors = 0

    def test(self, parent: etree.Element, block: str) -> bool:
        return all(DIRECTIVE.match(line) for line in block.strip().splitlines())

    def run(self, parent: etree.Element, blocks: list[str]) -> None:
        for line in blocks.pop(0).strip().splitlines():
            match = DIRECTIVE.match(line)
            assert match is not None
            try:
                if match["verb"] not in self.verbs:
                    raise Mistake(f"there is no @{match['verb']}: there are @{', @'.join(VERBS)}")
                parent.append(self.verbs[match["verb"]](match["target"] or ""))
            except Mistake as mistake:
                log.warning("'%s': %s", line.strip(), mistake)
                parent.append(self._problem(f"{line.strip()}: {mistake}"))

    # The verbs ------------------------------------------------------------------------------

    def _snippet(self, target: str) -> etree.Element:
        snippet, section = parse_target(HERE, target)
        figure = self._figure(snippet, section)
        self._tab_sets += 1
        self._raw(figure, render.captured(snippet, section, self._tab_sets))
        return figure

    def _code(self, target: str) -> etree.Element:
        return self._figure(*parse_target(HERE, target))

    def _fix(self, target: str) -> etree.Element:
        fix = HERE.snippet(target)
        figure = etree.Element("div", {"class": "gl gl-fix"})
        self._raw(figure, render.fix(fix))
        return figure

    def _releases(self, target: str) -> etree.Element:
        table = etree.Element("div", {"class": "gl-releases"})
        self._raw(table, render.releases(HERE.snippet(target)))
        return table

    def _table(self, target: str) -> etree.Element:
        """The page links a cell by defining, above the table, `[row: column]: target`."""
        snippet, section = parse_target(HERE, target)
        heads, *rows = render.table_cells(snippet, section)
        scroll = etree.Element("div", {"class": "gl-table", "tabindex": "0"})
        table = etree.SubElement(scroll, "table")
        row = etree.SubElement(etree.SubElement(table, "thead"), "tr")
        for head in heads:
            etree.SubElement(row, "th").text = head
        body = etree.SubElement(table, "tbody")
        for cells in rows:
            row = etree.SubElement(body, "tr")
            for head, text in zip(heads, cells, strict=True):
                cell = etree.SubElement(row, "td", {"data-cell": text})
                href, _ = self.md.references.get(f"{cells[0]}: {head}".lower(), (None, None))
                if href:
                    cell = etree.SubElement(cell, "a", {"href": href})
                cell.text = text
        return scroll

    def _timeline(self, target: str) -> etree.Element:
        snippet, section = parse_target(HERE, target)
        events = render.output_lines(snippet, section)
        if not events:
            raise Mistake(f"{snippet.shown_path}#{section} prints nothing: print one event a line")
        figure = etree.Element("div")
        self._raw(figure, timeline.draw(events, f"One request to {snippet.path.name}"))
        return figure

    def _chart(self, target: str) -> etree.Element:
        figure = etree.Element("figure", {"class": "gl-figure"})
        self._raw(figure, picture(HERE, target))
        return figure

    def _error(self, target: str) -> etree.Element:
        page = error_index.ErrorPage.find(HERE, target)
        box = etree.Element("div", {"class": "gl-cause"})
        etree.SubElement(box, "p").text = page.cause
        self._raw(box, error_index.facts(page))
        return box

    def _errors(self, target: str) -> etree.Element:
        listing = etree.Element("div")
        for heading, pages in error_index.groups(HERE, target):
            if not pages:
                continue
            if heading:
                etree.SubElement(listing, "h2").text = heading
            items = etree.SubElement(listing, "ul" if heading else "ol", {"class": "gl-errors"})
            for page in pages:
                item = etree.SubElement(items, "li")
                etree.SubElement(item, "a", {"href": f"{page.slug}.md"}).text = page.title
                if target != "driver" and len(page.drivers) < len(DRIVERS):
                    etree.SubElement(item, "small").text = f" {', '.join(page.drivers)}"
        return listing

    def _doctor(self, target: str) -> etree.Element:
        self._doctors += 1
        box = etree.Element("div", {"class": "gl-doctor"})
        self._raw(box, render.doctor(self._doctors))
        unknown = etree.SubElement(box, "p", {"class": "gl-unknown", "hidden": "hidden"})
        unknown.text = "Go by what you see instead: "
        link = etree.SubElement(unknown, "a", {"href": "/guides/errors/by_symptom.md"})
        link.text = "errors by symptom"
        link.tail = "."
        etree.SubElement(box, "ol", {"class": "gl-diagnoses"})
        return box

    def _calculator(self, target: str) -> etree.Element:
        box = etree.Element("div")
        self._raw(box, render.calculator())
        return box

    def _exemptions(self, target: str) -> etree.Element:
        listing = etree.Element("div")
        self._raw(listing, render.exemptions(HERE))
        return listing

    # Their parts ----------------------------------------------------------------------------

    def _figure(self, snippet: Snippet, section: str) -> etree.Element:
        figure = etree.Element("div", {"class": "gl gl-breaks" if snippet.breaks else "gl"})
        block = etree.SubElement(figure, "div", {"class": "language-python highlight"})
        title = etree.SubElement(block, "span", {"class": "filename"})
        # An element, not raw text, so that MkDocs sees the link, checks it and makes it relative.
        link = etree.SubElement(title, "a", {"href": f"/{snippet.shown_path}"})
        link.text = snippet.shown_path
        if snippet.breaks:
            etree.SubElement(title, "span", {"class": "gl-mark"}).text = "breaks"
        self._raw(block, render.code(snippet.section(section).text))
        if snippet.is_runnable and snippet.name not in self._offered:
            self._offered.add(snippet.name)
            self._raw(figure, render.command(alone.run_command(snippet, self.base_url)))
            if alone.needs_postgresql(snippet):
                note = etree.SubElement(figure, "p", {"class": "gl-needs"})
                note.text = f"It {alone.message(snippet).partition(':')[0]}: "
                etree.SubElement(
                    note, "a", {"href": "/run.md"}
                ).text = "where it comes from, and how to use your own"
                note[-1].tail = "."
        return figure

    def _raw(self, parent: etree.Element, markup: str) -> None:
        """Append finished HTML. Markdown must not look into it, so it goes through the stash."""
        placeholder = self.md.htmlStash.store(markup)
        if len(parent):
            parent[-1].tail = (parent[-1].tail or "") + placeholder
        else:
            parent.text = (parent.text or "") + placeholder

    def _problem(self, text: str) -> etree.Element:
        box = etree.Element("div", {"class": "admonition failure"})
        etree.SubElement(box, "p", {"class": "admonition-title"}).text = "This page has a mistake"
        self._raw(box, f"<p>{html.escape(text)}</p>")
        return box


def parse_target(project: Project, target: str) -> tuple[Snippet, str]:
    name, hash_, section = target.partition("#")
    if not hash_ or not section:
        raise Mistake("name a section: @snippet guide/page/idea#section")
    snippet = project.snippet(name)
    snippet.section(section)
    return snippet, section


def picture(project: Project, name: str) -> str:
    path = project.charts / f"{name}.svg"
    if not path.is_file():
        raise Mistake(
            f"there is no chart '{name}': name it in greenlit/proof/charts.py and run 'make charts'"
        )
    return path.read_text().strip()


class SnippetExtension(Extension):
    def __init__(self, **options: Any) -> None:
        self.config = {
            "base_url": ["http://127.0.0.1:8000/", "Where the site is, for the command that runs a snippet"]
        }
        super().__init__(**options)

    def extendMarkdown(self, md: Markdown) -> None:
        self._directive = Directive(md, self.getConfig("base_url").rstrip("/") + "/")
        # Before paragraphs, and before the reference definitions that would swallow nothing of it.
        md.parser.blockprocessors.register(self._directive, "greenlit", 75)
        md.registerExtension(self)

    def reset(self) -> None:
        self._directive.reset()


def makeExtension(**options: Any) -> SnippetExtension:
    return SnippetExtension(**options)
