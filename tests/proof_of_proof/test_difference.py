"""What another release does otherwise: told apart from how it is written, by kind, and on the page of changes."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from greenlit.census import files
from greenlit.difference import (
    CONNECTIONS,
    ORDER,
    PRINTS,
    RAISES,
    SPELLINGS,
    SQL,
    Difference,
    differences,
    spelled,
    spellings,
)
from greenlit.proof.bump import recorded, summary
from greenlit.proof.lines import compared
from greenlit.proof.releases import drivers_on
from greenlit.record import Deed, Line, Record, Run
from greenlit.site.changes import HOLDS, steps
from greenlit.site.markup.variants import variants
from greenlit.site.verbs.upgrades import excerpts
from greenlit.snippet import Snippet
from tests.proof_of_proof.workshop import HEADER, Workshop

LINES = '[tool.greenlit]\nlines = ["sqlalchemy==2.0.*", "fastapi==0.105.*"]\n'
NEW = {"Python": "3.11.7", "SQLAlchemy": "2.1.9", "SQLite": "3.40.1"}
OLD = NEW | {"SQLAlchemy": "2.0.58"}
READ, GIVE = Deed("sql", "SELECT users.id FROM users"), Deed("pool", "checkin")


def run(*deeds: Deed, **more: object) -> Run:
    made = Run("aiosqlite", proven=NEW, sections={"read": [Line(1, "await read()", deeds=list(deeds))]})
    return replace(made, **more)  # type: ignore[arg-type]


def older(*deeds: Deed) -> Run:
    return run(*deeds, release="sqlalchemy==2.0.*", proven=OLD, source="0123456789ab")


@pytest.fixture
def snippet(workshop: Workshop) -> Snippet:
    (workshop.project.root / "pyproject.toml").write_text(LINES)
    return workshop.write("read", HEADER + "# drivers: aiosqlite (the others are not asked)\nx = 1\n")


@pytest.mark.parametrize(
    "old, new",
    [
        ("see https://sqlalche.me/e/20/xd2s", "see https://sqlalche.me/e/21/xd2s"),
        ('SELECT users.id AS users_id, users."plan" AS users_plan', 'SELECT users.id, users."plan"'),
    ],
)
def test_a_spelling(snippet: Snippet, old: str, new: str) -> None:
    """Each of them is used by a case, and says in the ledger that it was."""
    assert spelled(old) == spelled(new)
    before, after = older(Deed("sql", old)), run(Deed("sql", new))
    assert differences(snippet, before, after) == []
    assert len(spellings(snippet, before, after)) == 1 and set(spellings(snippet, before, after)) < set(
        SPELLINGS
    )


@pytest.mark.parametrize("text", ["SELECT users.id AS user_id", "SELECT users.id AS users_name"])
def test_a_label_that_somebody_chose_is_no_spelling(text: str) -> None:
    assert spelled(text) == text


@pytest.mark.parametrize(
    "old, new, kind",
    [
        ([Deed("raised", "A: no")], [Deed("raised", "B: no")], RAISES),
        ([READ], [], SQL),
        ([], [GIVE], CONNECTIONS),
        ([READ, GIVE], [GIVE, READ], ORDER),
    ],
)
def test_each_kind(snippet: Snippet, old: list[Deed], new: list[Deed], kind: str) -> None:
    assert [one.kind for one in differences(snippet, older(*old), run(*new))] == [kind]
    assert differences(snippet, older(*old), run(*old)) == []


def test_another_output(snippet: Snippet) -> None:
    printing = replace(snippet, source=snippet.source + "#> new\n")
    assert differences(printing, replace(older(), printed=["old"]), run()) == [
        Difference(PRINTS, ("old",), ("new",))
    ]


def test_what_did_the_same_is_one_line_of_the_ledger(snippet: Snippet) -> None:
    Record([run(READ)]).save(snippet)
    labelled = older(Deed("sql", "SELECT users.id AS users_id FROM users"))
    Record.of(snippet).replace([compared(snippet, labelled)]).save(snippet)
    last = snippet.ledger_path.read_text().splitlines()[-1]
    assert last == (
        "same with sqlalchemy==2.0.*: aiosqlite; SQLAlchemy 2.0.58; source 0123456789ab; but for the labels of columns"
    )
    found = Record.of(snippet).find("aiosqlite", "sqlalchemy==2.0.*")
    assert found and found.same and found.proven == OLD and found.sections == run(READ).sections
    assert Record.of(snippet).text(snippet) == snippet.ledger_path.read_text()


def test_the_lines_of_a_project_concern_what_uses_the_package(workshop: Workshop, snippet: Snippet) -> None:
    assert snippet.releases == ["sqlalchemy==2.0.*"]
    newer = workshop.write("newer", HEADER.replace(">=2.0", ">=2.1") + "# also: sqlalchemy==2.1.3.*\nx = 1\n")
    assert newer.releases == ["sqlalchemy==2.1.3.*"]
    assert newer.why_not_on("sqlalchemy==2.0.*") == "asks for sqlalchemy>=2.1"


def test_a_line_that_is_left_out_needs_a_reason(workshop: Workshop, snippet: Snippet) -> None:
    without = "# without: sqlalchemy==2.0.* (its pool has no such event)\n"
    left_out = workshop.write("left_out", HEADER + without + "x = 1\n")
    assert (
        left_out.releases == [] and left_out.why_not_on("sqlalchemy==2.0.*") == "its pool has no such event"
    )
    assert workshop.census(files.every_declaration_is_complete) == ""
    for wrong in (without.replace("its pool has no such event", "no"), without.replace("2.0", "1.4")):
        workshop.write("left_out", HEADER + wrong + "x = 1\n")
        assert "name a release line of the project" in workshop.census(files.every_declaration_is_complete)


def test_the_changes_of_a_step(workshop: Workshop, snippet: Snippet) -> None:
    """Two files that differ alike are one change, whatever the names in it; a claim is one by itself."""
    other = workshop.write("other", snippet.source)
    claims = workshop.write(
        "claims",
        snippet.source + 'async def claim_it(engine):\n    """It holds."""\n    assert await engine\n',
    )
    Record([run(Deed("raised", "New: no 'users'")), older(Deed("raised", "Old: no 'users'"))]).save(snippet)
    Record([run(Deed("raised", "New: no 'orders'")), older(Deed("raised", "Old: no 'orders'"))]).save(other)
    Record(
        [run(printed=["holds: It holds."]), replace(older(), printed=["does not hold: It holds. (why)"])]
    ).save(claims)
    (step,) = steps(workshop.project, "sqlalchemy")
    assert (step.old, step.new, step.same) == ("2.0", "2.1", 0)
    raising, holding = step.changes
    assert raising.kind == RAISES and len(raising.places) == 2
    assert holding.kind == HOLDS and holding.places[0].difference.old == ("why",)


def test_what_is_printed_after_another_error_is_no_change_of_its_own(
    workshop: Workshop, snippet: Snippet
) -> None:
    old = replace(older(Deed("raised", "Old: no")), printed=["old"])
    Record([run(Deed("raised", "New: no")), old]).save(snippet)
    assert [one.kind for one in differences(snippet, old, run(Deed("raised", "New: no")))] == [RAISES, PRINTS]
    (step,) = steps(workshop.project, "sqlalchemy")
    assert [change.kind for change in step.changes] == [RAISES]


def test_a_long_text_is_shown_from_where_it_differs() -> None:
    common = "the same for long: " * 30
    assert excerpts((f"{common}old",), (f"{common}new",)) == (f"… {common[-60:]}old", f"… {common[-60:]}new")
    assert excerpts(("short",), ()) == ("short", "")


def test_a_drivers_own_line_concerns_that_driver(workshop: Workshop) -> None:
    three = workshop.write("three", HEADER + "x = 1\n")
    assert drivers_on(three, "sqlalchemy==2.0.*") == ["aiosqlite", "asyncpg", "psycopg"]
    assert drivers_on(three, "asyncpg==0.30.*") == ["asyncpg"]


def test_what_to_call_a_line() -> None:
    """Tabs of one name switch together on a page, and the theme remembers the last one that was chosen."""
    same = replace(older(READ), release="fastapi==0.117.*", proven=NEW | {"FastAPI": "0.117.1"})
    locked = run(READ, proven=NEW | {"FastAPI": "0.165.0"})
    found = variants([locked, older(), same], lambda one: one.sections)
    assert [(one.label, one.also) for one in found] == [
        ("SQLAlchemy 2.1", "FastAPI 0.117.1"),
        ("SQLAlchemy 2.0", ""),
    ]


def test_what_a_bump_changed(workshop: Workshop, snippet: Snippet, tmp_path: Path) -> None:
    Record([run(READ)]).save(snippet)
    before = recorded(workshop.project)
    assert list(summary({"a": "1"}, {"a": "1"}, before, workshop.project)) == [
        "\n0 differences: read them with 'git diff snippets'"
    ]
    Record([run(GIVE)]).save(snippet)
    told = "\n".join(summary({"a": "1"}, {"a": "2", "b": "1"}, before, workshop.project))
    assert told.startswith("a: 1 -> 2\nb: nothing -> 1\n")
    assert f"\n{SQL}: 1 snippets\n  topic/read on aiosqlite" in told
    assert f"\n{CONNECTIONS}: 1 snippets" in told and "\n2 differences" in told
