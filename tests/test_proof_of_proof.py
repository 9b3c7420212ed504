"""The proof, tried on snippets that are wrong: each must be rejected, with a message that helps.

A check that has never failed has not been tried. Every case here starts from a snippet that passes.
"""

from __future__ import annotations

import shutil
import textwrap
from dataclasses import replace
from pathlib import Path

import pytest
from pytest_examples import EvalExample
from sqlalchemy import event
from sqlalchemy.orm import Session

import greenlit
from greenlit import census
from greenlit.project import HERE, Project
from greenlit.proof.database import Stage
from greenlit.proof.prove import Rejected, prove, record
from greenlit.record import normalise, write_whole
from greenlit.site import render
from greenlit.snippet import Snippet

HEADER = """\
# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0", "aiosqlite"]
# ///
"""

QUERY = (
    HEADER
    + """
import asyncio
import os

from sqlalchemy import text
from sqlalchemy.ext.asyncio import create_async_engine


async def main() -> None:
    engine = create_async_engine(os.environ["DATABASE_URL"])
    try:
        # --8<-- [start:query]
        async with engine.connect() as connection:
            print(await connection.scalar(text("SELECT 1")))
            #> 1
        # --8<-- [end:query]
    finally:
        await engine.dispose()


asyncio.run(main())
"""
)


class Workshop:
    """A place of its own with snippets and pages, and the harness that is to reject them."""

    def __init__(self, root: Path, stage: Stage, evaluate: EvalExample) -> None:
        self.project = Project(root)
        (self.project.snippets / "topic").mkdir(parents=True)
        self.project.error_pages.mkdir(parents=True)
        shutil.copy(HERE.root / "uv.lock", root)
        self._stage, self._evaluate = stage, evaluate

    def write(self, name: str, source: str) -> Snippet:
        (self.project.snippets / "topic" / f"{name}.py").write_text(source)
        return self.project.snippet(f"topic/{name}")

    def page(self, text: str) -> None:
        (self.project.error_pages / "page.md").write_text(textwrap.dedent(text))

    def record(self, snippet: Snippet) -> None:
        updated, ledger = record(snippet, self._stage, self._evaluate)
        write_whole(snippet.path, updated.source)
        ledger.save(snippet)

    def rejection(self, snippet: Snippet, driver: str = "aiosqlite") -> str:
        with pytest.raises(Rejected) as rejected:
            prove(snippet, driver, self._stage, self._evaluate)
        return str(rejected.value)

    def census(self, rule: census.Rule) -> str:
        return "\n".join(rule(self.project))

    def accept(self, snippet: Snippet) -> None:
        prove(snippet, "aiosqlite", self._stage, self._evaluate)


@pytest.fixture
def workshop(tmp_path: Path, stage: Stage, eval_example: EvalExample) -> Workshop:
    return Workshop(tmp_path / "workshop", stage, eval_example)


@pytest.fixture
def proven(workshop: Workshop) -> Snippet:
    """A snippet that passes, and the record that it passes against."""
    snippet = workshop.write("query", QUERY)
    workshop.record(snippet)
    workshop.accept(snippet)
    return snippet


def changed(snippet: Snippet, old: str, new: str) -> Snippet:
    assert old in snippet.source
    return replace(snippet, source=snippet.source.replace(old, new))


# What a run does ------------------------------------------------------------------------------


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
    workshop.record(twin)
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
    assert recorded[line - 1] == "    sql     SELECT 1", "the message names the line that differs"
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
    monkeypatch.setattr("greenlit.proof.watch.LONGEST", 1)
    message = workshop.rejection(workshop.write("hangs", HEADER + "import time\n\ntime.sleep(60)\n"))
    assert "hangs.py:7: raised greenlit.proof.watch.TooLong: it did not end within 1 seconds" in message


def test_a_listener_that_outlives_its_snippet(workshop: Workshop) -> None:
    source = """\
from sqlalchemy import event
from sqlalchemy.orm import Session

event.listen(Session, "before_flush", repr)
"""
    message = workshop.rejection(workshop.write("listens", HEADER + source))
    event.remove(Session, "before_flush", repr)
    assert "listens.py: listens to every session" in message and "event.remove()" in message


def test_a_syntax_error(workshop: Workshop) -> None:
    message = workshop.rejection(workshop.write("typo", HEADER + "def :\n"))
    assert message.startswith("snippets/topic/typo.py:5: ")
    assert "mend the syntax" in message


def test_output_that_differs_between_drivers_is_not_recorded(workshop: Workshop, proven: Snippet) -> None:
    uneven = changed(proven, 'text("SELECT 1")', 'text("SELECT 1")) and print(engine.name')
    before = proven.path.read_text(), proven.ledger_path.read_text()
    with pytest.raises(Rejected, match="on asyncpg prints something else than on aiosqlite"):
        workshop.record(uneven)
    assert (proven.path.read_text(), proven.ledger_path.read_text()) == before, "nothing is half written"


def test_an_interrupted_update_leaves_the_old_record(
    workshop: Workshop, proven: Snippet, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = proven.ledger_path.read_text()

    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("greenlit.record.os.replace", interrupted)
    with pytest.raises(KeyboardInterrupt):
        workshop.record(proven)
    assert proven.ledger_path.read_text() == before
    assert sorted(path.suffix for path in proven.path.parent.iterdir()) == [".ledger", ".py"]


# What the files say ---------------------------------------------------------------------------


def test_a_section_that_is_never_ended(workshop: Workshop, proven: Snippet) -> None:
    proven.path.write_text(proven.source.replace("        # --8<-- [end:query]\n", ""))
    expected = "snippets/topic/query.py:16: section 'query' is never ended: add '# --8<-- [end:query]'"
    assert workshop.census(census.every_file_is_sound) == expected
    assert workshop.rejection(workshop.project.snippet("topic/query")) == expected


@pytest.mark.parametrize(
    "source, problem",
    [
        ("", "the file is empty: write it, or delete it"),
        ("x = 1\n", "no inline script metadata: begin the file with '# /// script'"),
        (HEADER + "# --8<-- [end:a]\n", "section 'a' ends but was not begun"),
        (HEADER + "# --8<-- [start:a]\n\n# --8<-- [end:a]\n", "section 'a' is empty"),
        (HEADER + "# --8<-- [start:a]\n# --8<-- [start:b]\n", "section 'b' begins inside 'a'"),
        (HEADER + "# --8<-- [start: a]\nx = 1\n", "this looks like a marker but is none"),
        (HEADER + "def :\n", "mend the syntax"),
    ],
)
def test_unsound_files(workshop: Workshop, source: str, problem: str) -> None:
    workshop.write("unsound", source)
    assert problem in workshop.census(census.every_file_is_sound)


def test_an_orphan_section(workshop: Workshop, proven: Snippet) -> None:
    workshop.page("# A page\n\n@fix topic/query")
    message = workshop.census(census.every_section_is_shown)
    assert message.startswith("snippets/topic/query.py:16: no page shows section 'query'")
    workshop.page("# A page\n\n@snippet topic/query#query")
    assert workshop.census(census.every_section_is_shown) == ""


def test_a_snippet_on_no_page(workshop: Workshop, proven: Snippet) -> None:
    assert "no page shows anything of it" in workshop.census(census.every_snippet_is_on_a_page)


@pytest.mark.parametrize(
    "directive, problem",
    [
        ("@snippet topic/query#qeury", "has no section 'qeury': it has query"),
        ("@snippet topic/quarry#query", "snippets/topic/quarry.py does not exist"),
        ("@snippet other/query#query", "did you mean topic/query?"),
        ("@snippet topic/query", "name a section: @snippet guide/page/idea#section"),
        ("@snipet topic/query#query", "there is no @snipet: there are @snippet"),
    ],
)
def test_directives_that_lead_nowhere(
    workshop: Workshop, proven: Snippet, directive: str, problem: str
) -> None:
    workshop.page(f"# A page\n\n{directive}\n")
    message = workshop.census(census.every_directive_resolves)
    assert message.startswith("docs/guides/errors/page.md:3: ")
    assert problem in message


LISTENER = (
    HEADER
    + """
from sqlalchemy import event
from sqlalchemy.pool import Pool


@event.listens_for(Pool, "checkin")
def came_back(_connection: object, record: object) -> None:
    print(record.info["since"])
"""
)


@pytest.mark.parametrize(
    "old, new",
    [
        ("checkin", "checkin"),
        ("checkin", "close"),
        ('@event.listens_for(Pool, "checkin")\n', ""),
        ('print(record.info["since"])', 'record.info["held"] = record.info["since"]'),
    ],
)
def test_a_listener_that_trusts_that_another_ran(workshop: Workshop, old: str, new: str) -> None:
    source = LISTENER.replace(old, new) + 'event.listen(Pool, "invalidate", came_back)\n'
    workshop.write("listener", source)
    message = workshop.census(census.no_listener_trusts_that_another_ran)
    assert message.startswith("snippets/topic/listener.py:")
    assert "reads info[...], and nothing may be there: use info.pop(key, None) or info.get(key)" in message


@pytest.mark.parametrize(
    "old, new",
    [
        ('record.info["since"]', 'record.info.pop("since", None)'),
        ('print(record.info["since"])', 'record.info["back"] = True'),
        ("checkin", "connect"),
    ],
)
def test_a_listener_that_needs_no_other(workshop: Workshop, old: str, new: str) -> None:
    workshop.write("listener", LISTENER.replace(old, new))
    assert workshop.census(census.no_listener_trusts_that_another_ran) == ""


def test_a_twin_that_differs_by_more_than_the_fix(workshop: Workshop) -> None:
    lines = [f"x{number} = {number}\n" for number in range(10)]
    workshop.write("sums", HEADER + "".join(lines))
    workshop.write(
        "sums_breaks", HEADER + "# raises: NameError\n" + "".join(lines).replace("=", "= 1 +") + "y\n"
    )
    assert "differs from sums_breaks.py by 21 lines, and 14 are the most" in workshop.census(
        census.every_fix_is_only_the_fix
    )


def test_a_fix_that_is_no_change(workshop: Workshop) -> None:
    workshop.write("same", HEADER + "x = 1\n")
    workshop.write("same_breaks", HEADER + "# raises: NameError\nx = 1\n")
    assert "is the same as same_breaks.py" in workshop.census(census.every_fix_is_only_the_fix)


@pytest.mark.parametrize(
    "declarations, problem",
    [
        ("", "does not say how it breaks"),
        ("# silent: nobody sees it\n", "its harm is silent, and nothing shows it"),
        ("# raises: ValueError\n", "nothing heals it: write snippets/topic/lone.py"),
    ],
)
def test_a_twin_that_is_not_declared_or_not_healed(
    workshop: Workshop, declarations: str, problem: str
) -> None:
    workshop.write("lone_breaks", HEADER + declarations + "x = 1\n")
    assert problem in workshop.census(census.every_broken_twin_declares_and_is_healed)


@pytest.mark.parametrize(
    "declaration, problem",
    [
        ("# raise: ValueError", "there is no declaration 'raise'"),
        ("# drivers: asyncpg", "without a reason"),
        ("# drivers: mysql (the others have no such thing)", "unknown driver mysql"),
        ("# also: fastapi 0.117", "write it like fastapi==0.117.*"),
    ],
)
def test_incomplete_declarations(workshop: Workshop, declaration: str, problem: str) -> None:
    workshop.write("declares", f"{HEADER}{declaration}\nx = 1\n")
    assert problem in workshop.census(census.every_declaration_is_complete)


def test_a_snippet_that_does_not_run_alone(workshop: Workshop) -> None:
    workshop.write("leaning", HEADER + "import fastapi\nfrom greenlit import render\n")
    message = workshop.census(census.every_snippet_runs_alone)
    assert "leaning.py:5: imports fastapi, which its metadata does not ask for" in message
    assert "leaning.py:6: imports greenlit" in message


@pytest.mark.parametrize("name", ["c_7f00c6b44f90_9", "c_7f00c6b44f90_a", "c_7f00c6b44f90_1f"])
def test_the_name_of_a_cursor_is_no_record(name: str) -> None:
    assert normalise(f'cursor "{name}" does not exist') == 'cursor "c_N" does not exist'


def test_a_server_that_outlives_an_error(workshop: Workshop) -> None:
    stops = "    server.should_exit = True\n    await task\n"
    workshop.write("leaks", HEADER + "async def serving(server, task):\n    yield\n" + stops)
    message = workshop.census(census.every_server_is_stopped)
    assert message.startswith("snippets/topic/leaks.py:7: stops the server only if nothing was raised before")
    healed = "async def serving(server, task):\n    try:\n        yield\n    finally:\n    "
    workshop.write("leaks", HEADER + healed + stops.replace("\n    a", "\n        a"))
    assert workshop.census(census.every_server_is_stopped) == ""


@pytest.mark.parametrize("fence", ["```python", "```sql", "```", "~~~ py"])
def test_literal_code_on_a_page(workshop: Workshop, fence: str) -> None:
    workshop.page(f"# A page\n\n{fence}\nSELECT 1\n{fence[:3]}\n")
    assert workshop.census(census.no_page_holds_literal_code).startswith(
        "docs/guides/errors/page.md:3: a block of "
    )


def test_a_record_that_is_not_of_the_lock(workshop: Workshop, proven: Snippet) -> None:
    text = proven.ledger_path.read_text()
    assert workshop.census(census.every_record_is_of_the_lock) == ""
    proven.ledger_path.write_text(text.replace("SQLAlchemy 2.", "SQLAlchemy 1.", 1))
    assert "the lock has" in workshop.census(census.every_record_is_of_the_lock)


def test_a_release_line_whose_record_is_older_than_the_file(workshop: Workshop) -> None:
    workshop.write("old", HEADER + "# also: sqlalchemy==2.0.*\nx = 1\n")
    message = workshop.census(census.every_release_line_is_recorded)
    assert "not recorded as it stands with sqlalchemy==2.0.* on aiosqlite: run 'make matrix'" in message


def test_a_record_without_a_snippet(workshop: Workshop, proven: Snippet) -> None:
    proven.path.unlink()
    assert "its snippet is gone: delete it" in workshop.census(census.no_record_is_an_orphan)


def test_every_exemption_is_listed(workshop: Workshop) -> None:
    assert "Nothing" in render.exemptions(workshop.project)
    workshop.write("narrow", HEADER + "# drivers: asyncpg (the others have no such setting)\nx = 1\n")
    assert "the others have no such setting" in render.exemptions(workshop.project)


def test_the_drivers_are_the_three() -> None:
    assert list(greenlit.DRIVERS) == ["aiosqlite", "asyncpg", "psycopg"]


def test_an_unrecorded_snippet_keeps_its_output_and_its_end(workshop: Workshop, proven: Snippet) -> None:
    reason = "# unrecorded: the order varies from run to run\n"
    loose = workshop.write("loose", QUERY.replace(HEADER, HEADER + reason))
    workshop.record(loose)
    assert "SELECT" not in loose.ledger_path.read_text()
    workshop.accept(changed(loose, '"SELECT 1"', '"SELECT 1 AS one"'))
    assert "#> 2" in workshop.rejection(changed(loose, '"SELECT 1"', '"SELECT 2"'))


# The error index --------------------------------------------------------------------------------

ERROR_PAGE = """
    ---
    error:
      rank: 1
      layer: ORM
      symptoms: [500]
      drivers: [aiosqlite]
      cause: One. Two.
      fix: topic/sums
      says: ["invalid literal for int*base 10"]
    ---

    # It breaks

    @error page

    @fix topic/sums

    @snippet topic/sums_breaks#sum
"""


@pytest.fixture
def error_page(workshop: Workshop) -> str:
    broken = "# --8<-- [start:sum]\nint('one')\n# --8<-- [end:sum]\n"
    workshop.record(workshop.write("sums_breaks", f"{HEADER}# raises: ValueError\n{broken}"))
    workshop.record(workshop.write("sums", HEADER + broken.replace("one", "1")))
    workshop.page(ERROR_PAGE.lstrip("\n"))
    assert workshop.census(census.every_error_page_tells_its_error) == ""
    return ERROR_PAGE.lstrip("\n")


@pytest.mark.parametrize(
    "old, new, problem",
    [
        (
            "invalid literal",
            "invalid number",
            "says 'invalid number for int*base 10', and no run on the page does",
        ),
        ("layer: ORM", "layer: cellar", "layer 'cellar': there are ORM"),
        ("symptoms: [500]", "symptoms: [sad]", "symptom 'sad': there are 500"),
        ("drivers: [aiosqlite]", "drivers: [oracle]", "driver 'oracle': there are aiosqlite"),
        ("rank: 1", "rnak: 1", "unknown: rnak"),
        ("      cause: One. Two.\n", "", "missing: cause"),
        ("@error page", "Nothing.", "place '@error page' below the title"),
        ("@fix topic/sums", "Nothing.", "place '@fix topic/sums'"),
        ("fix: topic/sums", "fix: topic/sums_breaks", "topic/sums_breaks has no broken twin"),
        (
            '["invalid literal for int*base 10"]',
            "[]",
            "nothing tells this error: write its message into 'says:'",
        ),
        ('["invalid literal', '["\u201cinvalid literal', "write a few words of ASCII"),
        ("rank: 1", "rank: [", "its front matter is no YAML"),
    ],
)
def test_an_error_page_that_does_not_tell_its_error(
    workshop: Workshop, error_page: str, old: str, new: str, problem: str
) -> None:
    assert old in error_page
    workshop.page(error_page.replace(old, new))
    assert problem in workshop.census(census.every_error_page_tells_its_error)


def test_a_generated_file_that_is_not_of_its_sources(workshop: Workshop) -> None:
    """The workshop has no error pages, so the committed catalogue is not of them."""
    assert (
        "docs/assets/errors.json:1: is not what its sources make it: run 'make catalogue'"
        in workshop.census(census.every_generated_file_is_of_the_pages)
    )


def test_a_part_that_nobody_has(workshop: Workshop) -> None:
    workshop.write("part", HEADER + "# needs: oracle\n")
    assert "'# needs: oracle': there are pgbouncer, server" in workshop.census(
        census.every_declaration_is_complete
    )
