"""Pages as Markdown, the skill and the data: nothing that a page shows is missing, and nothing of its sources is left."""

from __future__ import annotations

import hashlib
import re
import textwrap
from functools import cache
from pathlib import Path

import pytest

from greenlit.census.survey import Survey
from greenlit.claim import chosen
from greenlit.difference import fix_rows
from greenlit.project import HERE
from greenlit.site.machines import data, llms, skill, words
from greenlit.site.machines.ledger import PLACEHOLDER
from greenlit.site.machines.markdown import Plain
from greenlit.site.verbs import VERBS
from greenlit.unmarked import unmarked

PLAIN = Plain(HERE, "http://site.invalid/")
SURVEY = Survey(HERE)
LONGEST_HEAD, LONGEST_DESCRIPTION = 500, 1024
"""Lines of SKILL.md, and characters of its description: limits of the format."""


@cache
def made(page: Path) -> str:
    return PLAIN.page(page)


@cache
def made_skill() -> dict[str, str]:
    return skill.files(PLAIN)


def fences(text: str) -> list[tuple[str, str]]:
    """The language and the content of each block, without the indentation of a list that it is in."""
    found = re.findall(r"^( *)(`{3,})(\w+).*?\n(.*?)^\1\2$", text, re.DOTALL | re.MULTILINE)
    return [(language, textwrap.dedent(content).strip("\n")) for _, _, language, content in found]


def prose(text: str) -> str:
    return re.sub(r"^ *(`{3,}).*?^ *\1$", "", text, flags=re.DOTALL | re.MULTILINE)


def test_no_directive_is_left() -> None:
    texts = {HERE.shown(page): made(page) for page in HERE.pages()} | made_skill()
    left = [
        f"{name}: {line}"
        for name, text in texts.items()
        for line in prose(text).splitlines()
        if re.match(r"\s*(@[a-z]+( |$)|!!!|\?\?\?|:::)", line)
    ]
    assert left == []


def test_every_section_that_a_page_places_is_in_its_markdown() -> None:
    for page, placements in SURVEY.placed.items():
        blocks = {content for language, content in fences(made(page)) if language == "python"}
        for placement in placements:
            if placement.verb in ("snippet", "code"):
                section = HERE.snippet(placement.name).section(placement.target.partition("#")[2])
                assert section.text in blocks, f"{HERE.shown(page)}:{placement.line} is not in its Markdown"


def test_every_claim_and_every_fix_is_in_the_markdown_of_its_page() -> None:
    for page, placements in SURVEY.placed.items():
        text = made(page)
        for placement in placements:
            if placement.verb == "claims":
                name, _, names = placement.target.partition("#")
                missing = [claim for claim in chosen(HERE.snippet(name), names) if claim.sentence not in text]
                assert missing == []
            if placement.verb == "fix":
                fix = HERE.snippet(placement.target)
                assert fix.twin is not None
                changed = [row for row in fix_rows(HERE.snippet(fix.twin), fix) if row[0] in "+-"]
                assert changed and all(row in text for row in changed)


def test_each_link_is_whole() -> None:
    for page in HERE.pages():
        bare = re.sub(r"`[^`]*`", "", prose(made(page)))
        targets = re.findall(r"\]\(([^)\s]+)\)|^\[[^]]+\]: (\S+)", bare, re.MULTILINE)
        relative = [a or b for a, b in targets if not re.match(r"[a-z]+:", a or b)]
        assert relative == [], HERE.shown(page)


def test_code_that_breaks_says_it() -> None:
    titles = re.findall(
        r'python title="(\S+_breaks\.py)([^"]*)"', "".join(made(page) for page in HERE.pages())
    )
    assert titles and {rest for _, rest in titles} == {" (the broken twin)"}


def test_where_a_claim_does_not_hold_is_said() -> None:
    text = made(HERE.docs / "guides/lifecycle/commit_after_yield.md")
    assert "    - Not with FastAPI 0.117: the client is told 500" in text


def test_drivers_that_did_the_same_share_a_ledger() -> None:
    text = made(HERE.docs / "guides/lifecycle/session_per_request.md")
    assert "What it did on aiosqlite, asyncpg and psycopg (placeholders as aiosqlite has them):" in text
    assert "    pool    checkout\n    txn     BEGIN (implicit)\n    sql     INSERT INTO users" in text


@pytest.mark.parametrize(
    "text",
    ["a = ? AND b", "a = $1 AND b", "a = $1::INTEGER AND b", "a = %(a_1)s::VARCHAR(3)[] AND b",
     "a = %(a_1)s::TIMESTAMP WITHOUT TIME ZONE AND b"],
)  # fmt: skip
def test_the_placeholders_of_the_drivers_are_one(text: str) -> None:
    assert PLACEHOLDER.sub("?", text) == "a = ? AND b"


def test_html_as_markdown() -> None:
    markup = (
        "<div><h3>Two  lines</h3><p>A <strong>bold</strong> <a href='/x.md'>link</a>.</p><ul><li>one</li><li><code>two</code></li></ul>"
        "<table><tr><th>a</th></tr><tr><td><code>b</code><br>c|d</td></tr></table><script>no()</script>"
        "<pre><code>x =  1\n</code></pre></div>"
    )
    assert words.words(markup) == (
        "### Two lines\n\nA **bold** [link](/x.md).\n\n- one\n- `two`\n\n"
        "| a |\n| --- |\n| `b`; c\\|d |\n\n```text\nx =  1\n```"
    )


@pytest.mark.parametrize("name", [name for name in VERBS if name != "calculator"])
def test_each_directive_is_something_in_markdown(name: str) -> None:
    placement = next(placement for placement in SURVEY.placements if placement.verb == name)
    line = f"@{name} {placement.target}".rstrip()
    text = PLAIN.expanded(line, placement.page, PLAIN.url(placement.page)).strip()
    assert (
        len(text) > 30
        and line not in text
        and "<" not in re.sub(r"`[^`]*`|```.*?```", "", text, flags=re.DOTALL)
    )


# llms.txt and the data ------------------------------------------------------------------------


def test_llms_txt_lists_every_page_and_says_something_of_it() -> None:
    text = llms.listing(PLAIN, set(HERE.pages()), 1)
    assert text.startswith("# Greenlit\n\n> ")
    entries = re.findall(r"^- \[(.+?)\]\((\S+)index\.md\): (.+)$", text, re.MULTILINE)
    assert sorted(url for _, url, _ in entries) == sorted(PLAIN.url(page) for page in HERE.pages())
    assert [title for title, _, said in entries if len(said) < 20] == []


def test_every_snippet_is_in_the_data_with_its_digest_and_its_lines() -> None:
    entries = {entry["path"]: entry for entry in data.snippets(PLAIN)}
    assert sorted(entries) == sorted(snippet.shown_path for snippet in SURVEY.snippets)
    for snippet in SURVEY.snippets:
        entry = entries[snippet.shown_path]
        assert entry["sha256"] == hashlib.sha256(unmarked(snippet.source).encode()).hexdigest()
        assert entry["pages"], f"{snippet.shown_path}: on which page is it?"
        lines = unmarked(snippet.source).splitlines()
        for name, (first, last) in entry.get("sections", {}).items():
            inside = textwrap.dedent("\n".join(lines[first - 1 : last]))
            assert inside == snippet.section(name).text


# The skill ------------------------------------------------------------------------------------


def test_the_head_of_the_skill_keeps_to_the_format() -> None:
    head = made_skill()["SKILL.md"]
    front = re.match(r"---\nname: (?P<name>\S+)\ndescription: (?P<description>.+)\n---\n", head)
    assert front is not None and front["name"] == skill.NAME
    assert len(front["description"]) <= LONGEST_DESCRIPTION and ": " not in front["description"]
    assert len(head.splitlines()) < LONGEST_HEAD
    assert (
        len(re.findall(r"^\d+\. \*\*", head, re.MULTILINE)) >= 12 + 5
    )  # The last five are a checklist without bold.


def test_all_code_of_the_skill_was_run() -> None:
    """Each block is a section of a snippet, a part of the reference application, or a difference between two files."""
    sections = {section.text for snippet in SURVEY.snippets for section in snippet.sections.values()}
    shop = "\n".join(
        re.sub(r"\s+", "", path.read_text()) for path in HERE.shop_files() if path.suffix in (".py", ".toml")
    )
    for name, text in made_skill().items():
        for language, content in fences(text):
            if language == "diff":
                continue
            parts = [re.sub(r"\s+", "", part) for part in content.split("\n\n\n")]
            assert content in sections or all(part in shop for part in parts), f"{name}: {content[:80]}"


def test_every_rule_links_its_proof() -> None:
    rules = re.findall(r"^\d+\. \*\*.*$", made_skill()["SKILL.md"], re.MULTILINE)
    assert [rule for rule in rules if "](http://site.invalid/guides/" not in rule] == []


def test_one_file_has_all_of_it_and_leads_within_itself() -> None:
    whole = skill.together(made_skill())
    assert "](references/" not in whole
    headings = {
        re.sub(r"[^\w -]", "", h.lower()).replace(" ", "-")
        for h in re.findall(r"^# (.+)$", prose(whole), re.MULTILINE)
    }
    assert set(re.findall(r"\]\(#([\w-]+)\)", whole)) <= headings
    assert all(text.strip().splitlines()[-1] in whole for text in made_skill().values())
