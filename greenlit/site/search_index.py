"""What the search knows: two classic scripts beside the site, made from its pages as they were built.

The small one names the pages: their titles, headings, messages and other words. It answers while the large one, with
their sentences, is on its way. Code and ledgers are in neither: people search for words and for messages.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import yaml
from mkdocs.utils.yaml import yaml_load

from greenlit import Mistake, error_index
from greenlit.error_index import ErrorPage
from greenlit.project import Project
from greenlit.record import write_whole
from greenlit.site.moved import address
from greenlit.site.navigation import EVERY_ERROR

FOUND_BY = "found_by"
"""The key of a page's front matter with the words that people search it by and that stand in none of its headings."""

FOLDER = "search"
SHOWN = 200

Place = tuple[list[str], str]

LISTS = r"^@(?:errors|exemptions|upgrades)\b"
"""A page that lists others has the words of all of them, and answers nothing itself."""
UNREAD = {"button", "form", "nav", "pre", "script", "style", "svg", "template"}
"""Tags whose text is no sentence."""
UNREAD_CLASSES = {"filename", "gl-ledger", "gl-foot", "gl-proven", "gl-run", "gl-tabs", "headerlink"}
APART = {"br", "dd", "details", "div", "dt", "figcaption", "li", "p", "summary", "td", "th", "tr"}
"""Tags between which there is a space, though none is written."""
ASIDE = {"dl", "table"}
HEADINGS = {"h1", "h2", "h3", "h4"}

# Nine tenths of a page: a regular expression leaves them out faster than the parser reads them.
_HEAVY = re.compile(r'<pre\b.*?</pre>|<svg\b.*?</svg>|<ol class="gl-ledger">.*?</ol>', re.DOTALL)


@dataclass
class Section:
    """What stands below one heading, up to the next."""

    level: int
    anchor: str
    title: str = ""
    text: str = ""
    aside: str = ""

    @property
    def whole(self) -> str:
        """Its sentences; in a line of their own its tables and lists of facts, which are found and not shown."""
        return f"{self.text}\n{self.aside}".rstrip()


@dataclass
class Page(HTMLParser):
    """The words of a page's article, by its headings."""

    sections: list[Section] = field(default_factory=lambda: [Section(1, "")])

    def __post_init__(self) -> None:
        super().__init__()
        self._parts: list[str] = []
        self._aside: list[str] = []
        self._unread, self._beside = ("", 0), 0
        self._heading: tuple[str, str] | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        unread, depth = self._unread
        if depth:
            self._unread = unread, depth + (tag == unread)
            return
        said = dict(attrs)
        if (
            tag in UNREAD
            or "data-search-exclude" in said
            or UNREAD_CLASSES & set((said.get("class") or "").split())
        ):
            self._unread = tag, 1
        elif tag in HEADINGS and said.get("id"):
            self._ended()
            self._heading = tag, said["id"] or ""
        elif tag in APART or tag in ASIDE:
            self._beside += tag in ASIDE
            self._here().append(" ")

    def handle_endtag(self, tag: str) -> None:
        unread, depth = self._unread
        if depth:
            self._unread = unread, depth - (tag == unread)
        elif self._heading and tag == self._heading[0]:
            level, anchor = int(tag[1]), self._heading[1]
            title = self._said()
            if level == 1:
                self.sections[0].title = title
            else:
                self.sections.append(Section(level, anchor, title))
            self._heading = None
        elif tag in APART or tag in ASIDE:
            self._here().append(" ")
            self._beside -= tag in ASIDE

    def handle_data(self, data: str) -> None:
        if not self._unread[1]:
            self._here().append(data)

    def close(self) -> None:
        super().close()
        self._ended()

    def _ended(self) -> None:
        self.sections[-1].aside, self._aside = _joined(self._aside), []
        self.sections[-1].text = self._said()

    def _said(self) -> str:
        said, self._parts = _joined(self._parts), []
        return said

    def _here(self) -> list[str]:
        return self._aside if self._beside else self._parts


def _joined(parts: list[str]) -> str:
    return " ".join("".join(parts).split())


def read(html: str) -> Page:
    """An article, without what nobody searches for."""
    page = Page()
    article = html[html.find("<article") : html.rfind("</article>")]
    page.feed(_HEAVY.sub(" ", article))
    page.close()
    return page


@lru_cache(maxsize=1000)
def _read(path: Path, _: int) -> Page:
    """While a page is as it was, `make serve` reads it once."""
    return read(path.read_text())


def write(project: Project, site: Path) -> None:
    """Both scripts. Whatever index the theme has made stays unused, and goes."""
    named, sentences = [], {}
    places = dict(_places(project))
    for path in project.pages():
        name = path.relative_to(project.docs).as_posix()
        url = address(name)
        built = site / url / "index.html"
        if built.is_file():
            page = _read(built, built.stat().st_mtime_ns)
            named.append(_named(project, path, url, page, places.get(name, ([], ""))))
            sentences[url] = [section.whole for section in page.sections]
    (site / FOLDER).mkdir(exist_ok=True)
    (site / FOLDER / "search_index.json").unlink(missing_ok=True)
    write_whole(site / FOLDER / "pages.js", f"window.siteSearch?.names({_compact(named)});\n")
    write_whole(site / FOLDER / "sentences.js", f"window.siteSearch?.reads({_compact(sentences)});\n")


def _compact(made: Any) -> str:
    return json.dumps(made, ensure_ascii=False, separators=(",", ":"))


def _named(project: Project, path: Path, url: str, page: Page, place: Place) -> dict[str, Any]:
    """What the first script says of a page; what there is nothing of is left out."""
    error = ErrorPage.load(project, path) if path.parent == project.error_pages else None
    first, *rest = page.sections
    above, label = place
    front = front_matter(path)
    said = {
        "url": url,
        "title": first.title or path.stem,
        "place": above,
        "words": [*([label] if label and label != first.title else []), *map(str, front.get(FOUND_BY, []))],
        "about": front.get("description") or _begin(first.text),
        "asked": error.asked if error else [],
        "says": [*error.says, *error.reported, *error.common] if error else [],
        "classes": [name.rpartition(".")[2] for name in error.classes] if error else [],
        "rank": error.rank if error else 0,
        "lists": bool(re.search(LISTS, path.read_text(), re.MULTILINE)),
        # An anchor is mostly its heading's words: the search makes those itself.
        "heads": [
            section.title if section.anchor == slug(section.title) else [section.title, section.anchor]
            for section in rest
        ],
    }
    return {key: value for key, value in said.items() if value or key == "url"}


def slug(title: str) -> str:
    """The anchor that a heading gets of itself, as search_engine.js makes it again."""
    return re.sub(r"[-\s]+", "-", re.sub(r"[^\w\s-]", "", title.lower(), flags=re.ASCII).strip())


def front_matter(path: Path) -> dict[str, Any]:
    front = re.match(r"---\n(.*?)\n---\n", path.read_text(), re.DOTALL)
    try:
        return (error_index.front_matter(front[1]) if front else None) or {}
    except yaml.YAMLError as error:
        raise Mistake(f"{path.name}:1: its front matter is no YAML: {error}") from None


def _begin(text: str) -> str:
    """As many whole sentences as a result shows."""
    return text if len(text) <= SHOWN else text[:SHOWN].rpartition(". ")[0] + "."


def _places(project: Project) -> Iterator[tuple[str, Place]]:
    """Each page of the navigation, the headings above it, and its own label there."""
    yield from _below(yaml_load((project.root / "mkdocs.yml").read_text()).get("nav") or [], [], "")


def _below(entries: Any, above: list[str], label: str) -> Iterator[tuple[str, Place]]:
    if isinstance(entries, str):
        yield entries, (above, label)
    for entry in entries if isinstance(entries, list) else []:
        yield from _below(entry, above, "")
    for title, under in entries.items() if isinstance(entries, dict) else []:
        yield from _below(
            under, above if isinstance(under, str) or title == EVERY_ERROR else [*above, title], title
        )
