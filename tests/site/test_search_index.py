"""What the search knows: every page, each claim, and anchors that are there."""

from __future__ import annotations

import json
import re
from html import escape
from typing import Any

from greenlit.project import HERE
from greenlit.site.search_index import slug
from tests.site.test_search import NAMES, SENTENCES, asked
from tests.site.visit import Site, page_urls


def index(site: Site, name: str) -> Any:
    text = (site.folder / name).read_text()
    return json.loads(text[text.index("(") + 1 : text.rindex(")")])


def test_the_index_has_every_page_and_the_theme_has_none_of_its_own(site: Site) -> None:
    urls = {page["url"] for page in index(site, NAMES)}
    assert urls == set(page_urls()) == set(index(site, SENTENCES))
    assert not (site.folder / "search" / "search_index.json").exists()


def test_each_claim_is_text_on_its_page_and_in_the_search_index(site: Site) -> None:
    """The sentences and nothing of the functions that prove them, which have the words of a search in them too."""
    read = [section for sections in index(site, SENTENCES).values() for section in sections]
    found = _words("".join(read))
    pages = json.loads((site.folder / "assets" / "claims.json").read_text())
    sentences = [_words(claim["sentence"]) for page in pages for claim in page["claims"]]
    assert sentences
    assert [sentence for sentence in sentences if sentence not in found] == []
    assert "asyncdefclaim_" not in found


def test_each_anchor_is_on_its_page(site: Site) -> None:
    """Most anchors are made from their headings again, by the search."""
    for page in index(site, NAMES):
        html = site.html(page["url"])
        for head in page.get("heads", []):
            title, anchor = head if isinstance(head, list) else (head, slug(head))
            assert f'id="{escape(anchor)}"' in html, f"{page['url']}: {title}"


def _words(text: str) -> str:
    """Without spaces and backticks."""
    return re.sub(r"[`\s]", "", text)


def test_the_words_of_a_query_are_in_the_pages_own_set() -> None:
    """Each page that is wanted is there."""
    for name, queries in asked().items():
        for typed, pages in queries if name != "error" else []:
            for page in pages:
                there = [HERE.docs / f"guides/{page}.md", HERE.docs / f"{page}.md"]
                assert any(path.is_file() for path in there), f"{typed}: {page}"
