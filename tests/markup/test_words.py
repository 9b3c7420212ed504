"""Where a page first uses a word of ours, a button says what it means."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from markdown import markdown

from greenlit.project import HERE, Project
from greenlit.site.directive import SnippetExtension
from greenlit.site.words import OURS

GLOSSARY = "# Glossary\n\n## Ledger\n\nWhat it did. More.\n\n## Twin\n\nWithout the fix.\n"


@pytest.fixture
def project(tmp_path: Path) -> Project:
    made = Project(tmp_path)
    made.docs.mkdir()
    (made.docs / "glossary.md").write_text(GLOSSARY)
    return made


def html(project: Project, text: str) -> str:
    return markdown(text, extensions=[SnippetExtension(project)])


def marked(text: str) -> list[tuple[str, str]]:
    return re.findall(r'popovertarget="gl-word-(\w+)" type="button">(\w+)</button>', text)


def test_the_first_use_of_each_and_no_other(project: Project) -> None:
    made = html(project, "Two twins, *and* a ledger, and a twin.\n\n- Ledger\n")
    assert marked(made) == [("twin", "twins"), ("ledger", "ledger")]
    meaning = 'id="gl-word-ledger" popover="">What it did. <a href="/glossary.md#ledger">Glossary</a></span>, and a twin.'
    assert meaning in made
    assert made.startswith("<p>Two <button")


@pytest.mark.parametrize(
    "text",
    [
        "# A ledger",
        "`ledger`",
        "[the ledger](a.md)",
        "    ledger",
        "A twinned word, ledgering.",
        "# Glossary\n\nA ledger.",
    ],
)
def test_what_is_left_alone(project: Project, text: str) -> None:
    assert marked(html(project, text)) == []


def test_without_a_glossary(project: Project) -> None:
    (project.docs / "glossary.md").unlink()
    assert html(project, "A ledger.") == "<p>A ledger.</p>"


def test_the_glossary_has_our_words_and_each_page_of_it_a_proof() -> None:
    text = (HERE.docs / "glossary.md").read_text()
    entries = text.split("\n## ")[1:]
    names = [entry.partition("\n")[0].lower() for entry in entries]
    assert {*OURS} <= {*names} and len(names) >= 20 and len(names) == len({*names})
    without = [name for name, entry in zip(names, entries, strict=True) if "](" not in entry]
    assert without == []
