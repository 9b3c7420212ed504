"""A page: what it places is there, and what is there is placed."""

from __future__ import annotations

import pytest

from greenlit.census import pages
from greenlit.site import moved
from greenlit.snippet import Snippet
from tests.proof_of_proof.workshop import HEADER, Workshop


def test_an_orphan_section(workshop: Workshop, proven: Snippet) -> None:
    workshop.page("# A page\n\n@fix topic/query")
    message = workshop.census(pages.every_section_is_shown)
    assert message.startswith("snippets/topic/query.py:16: no page shows section 'query'")
    workshop.page("# A page\n\n@snippet topic/query#query")
    assert workshop.census(pages.every_section_is_shown) == ""


def test_a_snippet_on_no_page(workshop: Workshop, proven: Snippet) -> None:
    """It is told once, whatever else follows from it."""
    told = [
        workshop.census(rule) for rule in (pages.every_snippet_is_on_a_page, pages.every_section_is_shown)
    ]
    told.append(workshop.census(pages.every_snippet_lives_with_its_page))
    place = "no page shows anything of it: place it on docs/guides/topic.md, or delete it"
    assert told == [f"snippets/topic/query.py:1: {place}", "", ""]


@pytest.mark.parametrize(
    "directive, problem",
    [
        ("@snippet topic/query#qeury", "has no section 'qeury': it has query"),
        ("@snippet topic/quarry#query", "snippets/topic/quarry.py does not exist"),
        ("@snippet other/query#query", "did you mean topic/query?"),
        ("@snippet topic/query", "name a section: guide/page/idea#section"),
        ("@snipet topic/query#query", "there is no @snipet: there are @snippet"),
    ],
)
def test_directives_that_lead_nowhere(
    workshop: Workshop, proven: Snippet, directive: str, problem: str
) -> None:
    workshop.page(f"# A page\n\n{directive}\n")
    message = workshop.census(pages.every_directive_resolves)
    assert message.startswith("docs/guides/errors/page.md:3: ")
    assert problem in message


@pytest.mark.parametrize("fence", ["```python", "```sql", "```", "~~~ py"])
def test_literal_code_on_a_page(workshop: Workshop, fence: str) -> None:
    workshop.page(f"# A page\n\n{fence}\nSELECT 1\n{fence[:3]}\n")
    assert workshop.census(pages.no_page_holds_literal_code).startswith(
        "docs/guides/errors/page.md:3: a block of "
    )


@pytest.mark.parametrize(
    "said, problem",
    [
        ("[n+1, lazy loading, 503]", ""),
        ("lazy loading", "'found_by' is a list of words: write [n+1, lazy loading]"),
        ("['one two three four five six']", "write one to 5 words, as somebody types them"),
        ("['']", "write one to 5 words, as somebody types them"),
        ("[Lazy, lazy]", "'lazy' is another name of docs/guides/errors/page.md, docs/guides/errors/page.md"),
    ],
)
def test_other_names_of_a_page(workshop: Workshop, said: str, problem: str) -> None:
    workshop.page(f"---\nfound_by: {said}\n---\n\n# A page\n")
    message = workshop.census(pages.every_other_name_finds_a_page)
    assert problem in message and bool(problem) == bool(message)


TABLE = (
    HEADER
    + """\
# --8<-- [start:table]
for row in [["driver", "waits"], ["asyncpg", "60 s"]]:
    print(" | ".join(row))
    #> driver | waits
    #> asyncpg | 60 s
# --8<-- [end:table]
"""
)


@pytest.mark.parametrize(
    "label, problem",
    [
        ("asyncpg: waits", ""),
        ("asyncpg: wait", "nothing uses the link [asyncpg: wait]: write it as [row: column]"),
        ("psycopg: waits", "nothing uses the link [psycopg: waits]"),
        ("asyncpg waits", "nothing uses the link [asyncpg waits]"),
        ("elsewhere", ""),
    ],
)
def test_the_link_of_a_cell(workshop: Workshop, label: str, problem: str) -> None:
    workshop.write("limits", TABLE)
    workshop.page(f"# A page\n\n[{label}]: other.md\n\n@table topic/limits#table\n\nSee [elsewhere].\n")
    message = workshop.census(pages.every_link_of_a_cell_finds_its_cell)
    assert problem in message and bool(problem) == bool(message)
    assert not problem or message.startswith("docs/guides/errors/page.md:3: ")


@pytest.mark.parametrize("name", pages.READ_ON_GITHUB)
def test_a_broken_link_beside_the_site(workshop: Workshop, name: str) -> None:
    beside = workshop.project.root / name
    beside.write_text(
        "[pages](docs/) [anchor](#words) [web](https://example.org)\n[gone](docs/gone.md#top)\n"
    )
    expected = f"{name}:2: links docs/gone.md, which is not there: correct the path"
    assert workshop.census(pages.every_link_beside_the_site_leads_somewhere) == expected


TIMELINE = (
    HEADER
    + """\
from sqlalchemy import event
from sqlalchemy.pool import Pool

events: list[str] = []
event.listen(Pool, "checkout", lambda *_: events.append("connection taken"))
# --8<-- [start:order]
for happened in events:
    print(happened)
    #> connection taken
# --8<-- [end:order]
"""
)


@pytest.mark.parametrize(
    "old, new, wrong",
    [
        ("for happened", "for happened", False),
        ("for happened in events:\n    print(happened)\n    ", 'print("connection taken")\n', True),
        ("in events:", 'in ["connection taken"]:', True),
        ("event.listen(", "print(", True),
    ],
)
def test_a_timeline_of_written_events(workshop: Workshop, old: str, new: str, wrong: bool) -> None:
    assert old in TIMELINE
    workshop.write("order", TIMELINE.replace(old, new))
    workshop.page("# A page\n\n@timeline topic/order#order\n")
    message = workshop.census(pages.every_timeline_is_of_events)
    assert (
        message.startswith("docs/guides/errors/page.md:3: @timeline topic/order#order: its events") == wrong
    )


def test_a_snippet_that_lives_with_another_page(workshop: Workshop, proven: Snippet) -> None:
    rule = pages.every_snippet_lives_with_its_page
    home = workshop.project.docs / "guides" / "topic.md"
    workshop.page("# Another page\n\n@snippet topic/query#query\n")
    assert workshop.census(rule) == (
        "snippets/topic/query.py:1: its folder has no page: write docs/guides/topic.md, or move the file"
    )
    home.write_text("# A page without it\n")
    assert "docs/guides/topic.md shows nothing of it: move it to a page that does" in workshop.census(rule)
    home.write_text("# A page\n\n@snippet topic/query#query\n")
    assert workshop.census(rule) == ""


def test_a_page_that_is_not_in_the_navigation(workshop: Workshop) -> None:
    workshop.page("# A page\n")
    (workshop.project.root / "mkdocs.yml").write_text("nav:\n  - index.md\n")
    assert workshop.census(pages.every_page_is_in_the_navigation).startswith(
        "docs/guides/errors/page.md:1: the navigation does not have it: add '- Label: guides/errors/page.md'"
    )


def test_a_page_that_is_renamed_without_a_word(workshop: Workshop) -> None:
    listing = moved.listing(workshop.project)
    listing.parent.mkdir(parents=True, exist_ok=True)
    listing.write_text("guides/old.md\n")
    assert workshop.census(pages.every_address_of_a_page_still_leads_somewhere).startswith(
        "greenlit/site/addresses.txt:2: guides/old.md is no page any more: write 'guides/old.md -> "
    )


def test_a_guide_that_does_not_lead_back(workshop: Workshop) -> None:
    rule = pages.a_guide_leads_back_to_the_errors_that_lead_to_it
    guide = workshop.project.docs / "guides" / "topic" / "page.md"
    guide.parent.mkdir()
    guide.write_text("# A guide\n")
    front = "error: {rank: 1, layer: ORM, symptoms: [500], drivers: [asyncpg], cause: c}"
    workshop.page(f"---\n{front}\n---\n# An error\n\n[why](../topic/page.md)\n")
    assert workshop.census(rule) == (
        "docs/guides/topic/page.md:1: error pages link to it: write '@explains topic/page' at its end"
    )
    guide.write_text("# A guide\n\n@explains topic/page\n")
    assert workshop.census(rule) == ""
    guide.with_name("other.md").write_text("# Another\n\n@explains topic/page\n")
    assert workshop.census(rule) == (
        "docs/guides/topic/other.md:3: @explains topic/page is for that page: name this one"
    )


def test_the_skill_is_held_to_the_same(workshop: Workshop, proven: Snippet) -> None:
    """Its code is placed, not typed; and what only it shows is on no page."""
    head = workshop.project.skill / "references" / "one.md"
    head.parent.mkdir(parents=True)
    head.write_text("# One\n\n@code topic/query#qeury\n\n```python\nSELECT 1\n```\n")
    assert workshop.census(pages.no_page_holds_literal_code).startswith(
        "skill/references/one.md:5: a block of python"
    )
    assert workshop.census(pages.every_directive_resolves).startswith(
        "skill/references/one.md:3: @code topic/query#qeury"
    )
    head.write_text("# One\n\n@code topic/query#query\n")
    assert workshop.census(pages.every_directive_resolves) == ""
    assert "no page shows anything of it" in workshop.census(pages.every_snippet_is_on_a_page)
