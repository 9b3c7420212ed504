"""Ledgers that were edited, or are of something else."""

from __future__ import annotations

from dataclasses import replace

import pytest

from greenlit.census import records
from greenlit.playground import agreed
from greenlit.project import HERE
from greenlit.proof.prove import compare
from greenlit.proof.run import Rejected
from greenlit.record import Record, digest
from greenlit.snippet import Snippet
from tests.proof_of_proof.workshop import HEADER, QUERY, Workshop


def test_a_record_that_is_not_of_the_lock(workshop: Workshop, proven: Snippet) -> None:
    text = proven.ledger_path.read_text()
    assert workshop.census(records.every_record_is_of_the_lock) == ""
    proven.ledger_path.write_text(text.replace("SQLAlchemy 2.", "SQLAlchemy 1.", 1))
    message = workshop.census(records.every_record_is_of_the_lock)
    assert (
        message.startswith("snippets/topic/query.ledger:3: recorded on SQLAlchemy 1.")
        and "the lock has" in message
    )
    proven.ledger_path.unlink()
    assert workshop.census(records.every_record_is_of_the_lock) == (
        "snippets/topic/query.ledger:1: nothing is recorded on aiosqlite, asyncpg, psycopg: run 'make update'"
    )


def test_a_file_that_has_changed_since_a_browser_ran_it(workshop: Workshop, proven: Snippet) -> None:
    listing = agreed.listing(workshop.project)
    listing.parent.mkdir(parents=True, exist_ok=True)
    listing.write_text(agreed.text({proven.name: agreed.Seen(digest(proven))}))
    assert workshop.census(records.every_run_in_a_browser_was_of_this_file) == ""
    listing.write_text(
        agreed.text(
            {
                "topic/gone": agreed.Seen("1e2151e1638e", ledger=False),
                proven.name: agreed.Seen("1e2151e1638e"),
            }
        )
    )
    assert workshop.census(records.every_run_in_a_browser_was_of_this_file).splitlines() == [
        "greenlit/playground/agreed.txt:1: there is no topic/gone: delete the line",
        f"greenlit/playground/agreed.txt:2: {proven.name} has changed since a browser ran it: "
        f"run 'python -m greenlit.gate {proven.name}'",
    ]


def test_a_release_line_whose_record_is_older_than_the_file(workshop: Workshop) -> None:
    workshop.write("old", HEADER + "# also: sqlalchemy==2.0.*\nx = 1\n")
    message = workshop.census(records.every_release_line_is_recorded)
    assert "not recorded as it stands with sqlalchemy==2.0.* on aiosqlite: run 'make matrix'" in message


def test_a_release_line_that_did_something_else(workshop: Workshop) -> None:
    """`make matrix CHECK=1` says where, and what: also where the record was the same as with the locked versions."""
    snippet = workshop.write("query", QUERY.replace(HEADER, HEADER + "# also: sqlalchemy==2.0.*\n"))
    workshop.update(snippet)
    record = Record.of(snippet)
    locked = record.find("aiosqlite")
    assert locked
    proven = locked.proven | {"SQLAlchemy": "2.0.58"}
    old = replace(locked, release="sqlalchemy==2.0.*", same=True, proven=proven, source="0123456789ab")
    record.replace([old]).save(snippet)
    compare(snippet, replace(old, printed=snippet.output, same=False))
    with pytest.raises(Rejected) as rejected:
        compare(snippet, replace(old, printed=["2"], same=False))
    message = str(rejected.value)
    lines = snippet.ledger_path.read_text().splitlines()
    place = next(
        n for n, line in enumerate(lines, 1) if line.startswith("same with sqlalchemy==2.0.*: aiosqlite;")
    )
    assert place == len(lines)
    assert message.startswith(
        f"snippets/topic/query.ledger:{place}: running it on aiosqlite with sqlalchemy==2.0.*"
    )
    assert "run 'make matrix'" in message and "\n-printed: 1\n+printed: 2" in message


def test_a_record_without_a_snippet(workshop: Workshop, proven: Snippet) -> None:
    proven.path.unlink()
    assert "its snippet is gone: delete it" in workshop.census(records.no_record_is_an_orphan)


LOCKED = """\
What running old.py did.

== aiosqlite
proven on: Python 3.11.7, SQLAlchemy 2.1.9, aiosqlite 0.22.1, SQLite 3.40.1
"""
OLDER = """\

== aiosqlite with sqlalchemy==2.0.*
proven on: Python 3.11.7, SQLAlchemy 2.0.58, aiosqlite 0.22.1, SQLite 3.40.1
source: 0123456789ab
printed: something else
"""
RULES = (
    records.every_ledger_can_be_read,
    records.every_run_is_asked_for,
    records.every_release_was_what_its_line_says,
    records.all_records_agree_on_what_no_lock_pins,
)


@pytest.fixture
def old(workshop: Workshop) -> Snippet:
    """Two files that were recorded on an older release line as well, as it should be."""
    also = "# drivers: aiosqlite (the others are not asked)\n# also: sqlalchemy==2.0.*\n"
    for name in ("other", "old"):
        snippet = workshop.write(name, HEADER + also + "x = 1\n")
        snippet.ledger_path.write_text(LOCKED + OLDER)
    assert workshop.census(*RULES) == ""
    return snippet


@pytest.mark.parametrize(
    "found, line, instead, problem",
    [
        ("SQLAlchemy 2.0.58", 6, "SQLAlchemy 2.1.9", "recorded on sqlalchemy 2.1.9: run 'make matrix'"),
        ("SQLAlchemy 2.0.58, ", 6, "", "recorded on sqlalchemy (not named): run 'make matrix'"),
        (
            "2.0.58, aiosqlite 0.22.1",
            6,
            "2.0.58, aiosqlite 0.1.0",
            "recorded on aiosqlite 0.1.0, the lock has 0.",
        ),
        (
            "== aiosqlite with sqlalchemy==2.0.*",
            6,
            "== aiosqlite with sqlalchemy==1.4.*",
            "'# also: sqlalchemy==1.4.*'",
        ),
        ("== aiosqlite with", 6, "== psycopg with", "the header does not ask for it: declare '# also:"),
        ("== aiosqlite\n", 3, "== asyncpg\n", "declare '# drivers:' with asyncpg, or delete the block"),
        ("Python 3.11.7, SQLAlchemy 2.0", 6, "Python 3.9.1, SQLAlchemy 2.0", "and most others on 3.11.7"),
        (
            ", SQLite 3.40.1\n\n",
            3,
            ", SQLite 3.4.1\n\n",
            "recorded on SQLite 3.4.1, and most others on 3.40.1",
        ),
        (", SQLite 3.40.1\n\n", 3, "\n\n", "does not say on which SQLite it ran"),
    ],
)
def test_an_edited_ledger(
    workshop: Workshop, old: Snippet, found: str, line: int, instead: str, problem: str
) -> None:
    text = old.ledger_path.read_text()
    assert found in text
    old.ledger_path.write_text(text.replace(found, instead))
    message = workshop.census(*RULES)
    assert f"snippets/topic/old.ledger:{line}: " in message and problem in message


@pytest.mark.parametrize(
    "line",
    [
        "    sqll    SELECT 1",
        "garbage",
        "    .       of no deed",
        "    sql     of no line",
        "[Not a section]",
        "same as with the locked versions",
        "proven on: nothing",
        "    sql SELECT 1".lstrip(),
    ],
)
def test_a_line_that_no_ledger_has(workshop: Workshop, old: Snippet, line: str) -> None:
    old.ledger_path.write_text(LOCKED + line + "\n")
    expected = f"snippets/topic/old.ledger:5: no ledger has such a line here: {line!r}: undo the edit, or run 'make update'"
    assert workshop.census(records.every_ledger_can_be_read) == expected


def test_a_second_block_for_the_same_run(workshop: Workshop, old: Snippet) -> None:
    old.ledger_path.write_text(LOCKED + OLDER + OLDER)
    message = workshop.census(records.every_ledger_can_be_read)
    assert message.startswith(
        "snippets/topic/old.ledger:11: no ledger has such a line here: '== aiosqlite with"
    )


def test_every_ledger_of_the_project_is_what_its_record_is_written_as() -> None:
    """So nothing that stands in one is lost on the way through `Record`."""
    for snippet in HERE.all():
        assert Record.of(snippet).text(snippet) == snippet.ledger_path.read_text(), snippet.shown_ledger
