"""The pages of the built site, read without parsing all of each: there are hundreds, and most of a page is code."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from html import unescape
from pathlib import Path

CANONICAL = re.compile(r'<link rel="canonical" href="([^"]+)"|<link href="([^"]+)" rel="canonical"')
HEADLINK = re.compile(r'<a\b[^>]*class="headerlink".*?</a>', re.DOTALL)
HEADING = re.compile(r'<h([2-4]) id="([^"]*)"[^>]*>(.*?)</h\1>', re.DOTALL)


@dataclass(frozen=True)
class Built:
    """One page."""

    path: Path

    @cached_property
    def html(self) -> str:
        return self.path.read_text()

    @cached_property
    def url(self) -> str:
        """Where it will be: the canonical address. None for a page that has none, such as that of a 404."""
        found = CANONICAL.search(self.html)
        return unescape(found[1] or found[2]) if found else ""

    @cached_property
    def article(self) -> str:
        return self.html.partition("<article")[2].partition("</article>")[0]

    @cached_property
    def title(self) -> str:
        found = re.search(r"<h1\b[^>]*>(.*?)</h1>", self.article, re.DOTALL)
        return plain(found[1]) if found else ""

    def sections(self) -> Iterator[tuple[int, str, str, str]]:
        """Of each heading its level, its anchor and its text, and the HTML up to the next one."""
        parts = HEADING.split(self.article)
        for level, anchor, title, text in zip(*(parts[at::4] for at in (1, 2, 3, 4)), strict=True):
            yield int(level), anchor, plain(title), text


def pages(site: Path) -> list[Built]:
    """In the order of their folders. What only leads on to another address has no article."""
    found = (Built(path) for path in sorted(site.rglob("index.html")))
    return [page for page in found if page.url and page.article]


def address(site: Path) -> str:
    return Built(site / "index.html").url


def plain(html: str) -> str:
    """The words of some HTML."""
    return " ".join(unescape(re.sub(r"<[^>]*>", "", HEADLINK.sub("", html))).split())
