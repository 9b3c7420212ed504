"""What a run does: each of these must be rejected, with a message that helps."""

from __future__ import annotations

import pytest

import greenlit
from greenlit.proof.run import Rejected
from greenlit.snippet import Snippet
from tests.proof_of_proof.workshop import HEADER, QUERY, Workshop, changed


def test_stale_output(workshop: Workshop, proven: Snippet) -> None:
    message = workshop.rejection(changed(proven, "#> 1", "#> 2"))
    assert message.startswith("snippets/topic/query.py:19: on aiosqlite the output below a print")
    assert "make update" in message


def test_output_below_a_print_that_never_ran(workshop: Workshop) -> None:
    never = HEADER + 'if not __debug__:\n    print("yes")\n    #> yes\n'
    message = workshop.rejection(workshop.write("never", never))
    assert message.startswith("snippets/topic/never.py:7:")
    assert "-    #> yes" in message


def test_output_before_an_uncaught_error_is_checked(workshop: Workshop) -> None:
    source = HEADER + "# raises: ValueError\nprint(1)\n#> 2\nraise ValueError\n"
    assert "-#> 2" in workshop.rejection(workshop.write("early_breaks", source))


def test_a_twin_that_no_longer_breaks(workshop: Workshop) -> None:
    twin = workshop.write("calm_breaks", HEADER + "# raises: ValueError\nint('1')\n")
    message = workshop.rejection(twin)
    assert message.startswith("snippets/topic/calm_breaks.py:1: no longer breaks: it declares ValueError")
    assert "Find what healed it" in message


def test_a_twin_that_raises_something_else(workshop: Workshop) -> None:
    twin = workshop.write("other_breaks", HEADER + "# raises: ValueError\n{}['key']\n")
    message = workshop.rejection(twin)
    assert message.startswith("snippets/topic/other_breaks.py:6: breaks for another reason")
    assert "raised KeyError: 'key'" in message


def test_an_error_in_what_should_be_right(workshop: Workshop) -> None:
    message = workshop.rejection(workshop.write("wrong", HEADER + "{}['key']\n"))
    assert message.startswith("snippets/topic/wrong.py:5: raised KeyError: 'key' on aiosqlite. Mend it")


def test_an_error_text_that_drifted(workshop: Workshop) -> None:
    twin = workshop.write("text_breaks", HEADER + "# raises: ValueError\nraise ValueError('old')\n")
    workshop.update(twin)
    workshop.accept(twin)
    message = workshop.rejection(changed(twin, "'old'", "'new'"))
    assert message.startswith("snippets/topic/text_breaks.ledger:")
    assert "+    raised  ValueError: new" in message
    assert "make update" in message


@pytest.mark.parametrize("driver", ["aiosqlite", "asyncpg", "psycopg"])
def test_changed_sql(workshop: Workshop, proven: Snippet, driver: str) -> None:
    drifted = changed(proven, '"SELECT 1"', '"SELECT 1 AS one"')
    message = workshop.rejection(drifted, driver)
    line = int(message.split(":")[1])
    recorded = proven.ledger_path.read_text().splitlines()
    assert recorded[line - 1].endswith('text("SELECT 1")))'), "the message names the line that differs"
    assert "+    sql     SELECT 1 AS one" in message


def test_nothing_recorded(workshop: Workshop, proven: Snippet) -> None:
    proven.ledger_path.unlink()
    assert "nothing recorded for aiosqlite: run 'make update'" in workshop.rejection(proven)


def test_a_leaked_connection(workshop: Workshop, proven: Snippet) -> None:
    leaking = changed(
        proven,
        "async with engine.connect() as connection:",
        "connection = await engine.connect()\n        if True:",
    )
    message = workshop.rejection(leaking)
    assert message.startswith(
        "snippets/topic/query.py:17: leaks the connection checked out by `connection = await"
    )
    assert "async with" in message


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_an_engine_that_is_never_disposed(workshop: Workshop, proven: Snippet) -> None:
    message = workshop.rejection(changed(proven, "await engine.dispose()", "pass"))
    assert message.startswith("snippets/topic/query.py:17: leaves the connection opened by")
    assert "await engine.dispose()" in message


def test_a_warning(workshop: Workshop) -> None:
    source = HEADER + "import warnings\nwarnings.warn('old way')\n"
    assert "warned on aiosqlite: UserWarning: old way" in workshop.rejection(workshop.write("warns", source))


def test_a_swallowed_keyboard_interrupt(workshop: Workshop) -> None:
    message = workshop.rejection(workshop.write("stopped", HEADER + "raise KeyboardInterrupt\n"))
    assert (
        message == "snippets/topic/stopped.py: a KeyboardInterrupt ended the run: nothing after it was proven"
    )


def test_a_snippet_that_hangs(workshop: Workshop, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("greenlit.proof.apart.LONGEST", 1)
    message = workshop.rejection(workshop.write("hangs", HEADER + "import time\n\ntime.sleep(60)\n"))
    assert "hangs.py:7: on aiosqlite it did not end within 1 seconds" in message


def test_a_syntax_error(workshop: Workshop) -> None:
    message = workshop.rejection(workshop.write("typo", HEADER + "def :\n"))
    assert message.startswith("snippets/topic/typo.py:5: ")
    assert "mend the syntax" in message


def test_output_that_differs_between_drivers_is_not_recorded(workshop: Workshop, proven: Snippet) -> None:
    uneven = changed(proven, 'text("SELECT 1")', 'text("SELECT 1")) and print(engine.name')
    before = proven.path.read_text(), proven.ledger_path.read_text()
    with pytest.raises(Rejected, match="on asyncpg prints something else than on aiosqlite"):
        workshop.update(uneven)
    assert (proven.path.read_text(), proven.ledger_path.read_text()) == before, "nothing is half written"


def test_an_interrupted_update_leaves_the_old_record(
    workshop: Workshop, proven: Snippet, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = proven.ledger_path.read_text()

    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("greenlit.record.os.replace", interrupted)
    with pytest.raises(KeyboardInterrupt):
        workshop.update(proven)
    assert proven.ledger_path.read_text() == before
    assert sorted(path.suffix for path in proven.path.parent.iterdir()) == [".ledger", ".py"]


def test_an_unrecorded_snippet_keeps_its_output_and_its_end(workshop: Workshop, proven: Snippet) -> None:
    reason = "# unrecorded: the order varies from run to run\n"
    loose = workshop.write("loose", QUERY.replace(HEADER, HEADER + reason))
    workshop.update(loose)
    assert "SELECT" not in loose.ledger_path.read_text()
    workshop.accept(changed(loose, '"SELECT 1"', '"SELECT 1 AS one"'))
    assert "#> 2" in workshop.rejection(changed(loose, '"SELECT 1"', '"SELECT 2"'))


def test_the_drivers_are_the_three() -> None:
    assert list(greenlit.DRIVERS) == ["aiosqlite", "asyncpg", "psycopg"]
