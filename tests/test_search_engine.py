"""How the search understands a query, and which page it puts first: on a few pages of its own."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import closing
from typing import Any

import pytest

from greenlit.site.generated import MACHINERY
from greenlit.site.search_index import read, slug
from tests.scripts import Script

FOLDER = MACHINERY / "site" / "search"
PAGES: list[dict[str, Any]] = [
    {"url": "n/", "title": "N+1: count the queries", "words": ["too many queries"]},
    {"url": "session/", "title": "The AsyncSession", "heads": ["Use begin_nested", ["Close it", "end"]]},
    {"url": "merge/", "title": "Merging cached objects", "words": ["reattach"]},
    {"url": "lists/", "title": "All pages", "lists": True, "heads": ["Merge", "Session", "Queries"]},
    {"url": "closed/", "title": "Closed", "says": ["Session * is closed for good"], "rank": 1},
    {"url": "warned/", "title": "Warned", "says": ["coroutine was never awaited"], "rank": 2},
]
SENTENCES = {
    "merge/": ["Objects of a cache. One more sentence.\nA cell of a table"],
    "session/": ["It commits.", "A savepoint keeps the rest.", "Release the connection at the end."],
}
FIND = """(() => {
    const index = new module.Index(given.pages);
    for (const [url, texts] of Object.entries(given.sentences)) index.read(url, texts);
    const found = index.find(given.query);
    return { ...found, marks: [...found.marks] };
})()"""
Call = Callable[[Any], Any]


@pytest.fixture(scope="module")
def words() -> Iterator[Call]:
    with closing(Script(FOLDER / "words.mjs", "module[given[0]](given[1])")) as script:
        yield script


@pytest.fixture(scope="module")
def find() -> Iterator[Callable[[str], Any]]:
    with closing(Script(FOLDER / "engine.mjs", FIND)) as script:
        yield lambda query: script({"pages": PAGES, "sentences": SENTENCES, "query": query})


@pytest.fixture(scope="module")
def excerpt() -> Iterator[Call]:
    with closing(
        Script(FOLDER / "excerpt.mjs", "module.excerpt(given[0], new Set(given[1]), given[2])")
    ) as script:
        yield script


@pytest.mark.parametrize(
    "family",
    [
        ["migrate", "migrates", "migrated", "migrating", "migration", "migrations"],
        ["cancel", "cancelled", "cancelling", "cancellation"],
        ["commit", "commits", "committed", "committing"],
        ["query", "queries"],
        ["class", "classes"],
        ["close", "closes", "closed"],
        ["status"],
        ["begin_nested"],
        ["n+1"],
    ],
)
def test_one_form_for_a_family_of_words(words: Call, family: list[str]) -> None:
    assert len({words(["stem", word]) for word in family}) == 1
    assert words(["stem", "session"]) != words(["stem", "sessionmaker"])


def test_of_a_question_what_it_is_about(words: Call) -> None:
    assert words(["asked", "How do I use the N+1 counter with C++?"]) == ["n+1", "counter", "c++"]
    assert words(["asked", "how to"]) == ["how", "to"]
    assert words(["forms", "AsyncSession"]) == [["asyncsess", 1], ["async", 0.6], ["sess", 0.6]]


def test_of_a_traceback_the_last_error(words: Call) -> None:
    log = f"{'INFO fine ' * 30}\nKeyError: 1\nsqlalchemy.exc.StatementError: it broke"
    assert words(["lastError", log]).strip(" .") == "StatementError: it broke"
    assert words(["lastError", "short: KeyError: 1"]) == "short: KeyError: 1"
    assert words(["bare", "<User at 0x7f> isn't 5 (Background on this error at: https://x)"]) == "isn t"


@pytest.mark.parametrize(
    "query, first",
    [
        ("n+1", "n/"),
        ("too many queries", "n/"),
        ("query", "n/"),
        ("asyncsession", "session/"),
        ("session", "session/"),
        ("nested", "session/"),
        ("merges", "merge/"),
        ("reattach", "merge/"),
        ("cell", "merge/"),
        ("cache sentence", "merge/"),
        ("mergign", "merge/"),
        ("savepiont", "session/"),
        ("a sync session", "session/"),
        ("Session 5 is closed for good", "closed/"),
        ("sqlalchemy.exc.InvalidRequestError: Session <a> is closed for good. RuntimeWarning: coroutine was never awaited", "closed/"),
        ("RuntimeWarning: coroutine was never awaited", "warned/"),
    ],
)  # fmt: skip
def test_the_first_page(find: Callable[[str], Any], query: str, first: str) -> None:
    assert find(query)["pages"][0]["url"] == first


def test_all_words_before_some_and_both_are_counted(find: Callable[[str], Any]) -> None:
    found = find("savepoint connection queries")
    assert (found["all"], found["some"]) == (0, 3)
    found = find("savepoint rest")
    assert (found["all"], [page["url"] for page in found["pages"]]) == (1, ["session/"])
    assert find("qqqqqq")["pages"] == []


def test_a_result_shows_the_headings_and_the_sentences_that_have_the_words(
    find: Callable[[str], Any],
) -> None:
    [page] = find("savepoint")["pages"]
    assert [head["anchor"] for head in page["heads"]] == ["use-begin_nested"]
    assert page["text"] == "A savepoint keeps the rest."
    [page] = find("connection release")["pages"]
    assert [head["anchor"] for head in page["heads"]] == ["end"]
    assert "table" not in find("cell")["pages"][0]["text"], "a table is found, and not shown"


def test_an_excerpt_is_short_and_marks_the_words(excerpt: Call) -> None:
    text = "Nothing here at all. " * 20 + "Then the pool waits for its timeout. " + "No more of it. " * 20
    pieces = excerpt([text, ["pool", "timeout"], 80])
    shown = "".join(piece for piece, _ in pieces)
    assert "Then the pool waits for its timeout." in shown and len(shown) <= 90
    assert [piece for piece, marked in pieces if marked] == ["pool", "timeout"]
    assert excerpt(["<b>A pool</b>", ["pool"], 80]) == [["<b>A ", False], ["pool", True], ["</b>", False]]


# What is read of a page --------------------------------------------------------------------------

HTML = """<nav>Menu</nav><article><h1 id="t">A <code>title</code><a class="headerlink" href="#t">P</a></h1>
<p>First &amp; best.</p><p>Second.</p><div class="gl-run">uv run it</div><pre><code>await code()</code></pre>
<h2 id="one">One</h2><ul><li>Item</li><li>Next</li></ul><table><tr><td>cell</td><td>more</td></tr></table>
<details data-search-exclude><details><summary>How</summary></details>proof</details><p>End.</p></article><footer>Foot</footer>"""


def test_a_page_is_read_without_its_code() -> None:
    first, second = read(HTML).sections
    assert (first.title, first.whole) == ("A title", "First & best. Second.")
    assert (second.title, second.anchor, second.whole) == ("One", "one", "Item Next End.\ncell more")


@pytest.mark.parametrize("title", ["Why `begin_nested()` isn't -  enough?", "Größe … 2.0 – 2.1", " a  b "])
def test_an_anchor_is_made_again_as_it_was(title: str) -> None:
    with closing(Script(FOLDER / "engine.mjs", "module.slug(given)")) as script:
        assert script(title) == slug(title)
    assert slug("Why `begin_nested()` isn't -  enough?") == "why-begin_nested-isnt-enough"
