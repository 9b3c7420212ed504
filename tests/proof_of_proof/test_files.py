"""A snippet's file: markers and declarations."""

from __future__ import annotations

import pytest

from greenlit.census import files
from greenlit.site.verbs.exemptions import exemptions
from greenlit.snippet import Snippet
from tests.proof_of_proof.workshop import HEADER, Workshop


def test_a_section_that_is_never_ended(workshop: Workshop, proven: Snippet) -> None:
    proven.path.write_text(proven.source.replace("        # --8<-- [end:query]\n", ""))
    expected = "snippets/topic/query.py:16: section 'query' is never ended: add '# --8<-- [end:query]'"
    assert workshop.census(files.every_file_is_sound) == expected
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
    assert problem in workshop.census(files.every_file_is_sound)


@pytest.mark.parametrize(
    "declaration, problem",
    [
        ("# raise: ValueError", "there is no declaration 'raise'"),
        ("# drivers: asyncpg", "without a reason"),
        ("# drivers: mysql (the others have no such thing)", "unknown driver mysql"),
        ("# also: fastapi 0.117", "write it like fastapi==0.117.*"),
        ("# unrecorded: varies", "'# unrecorded:' without a reason"),
        ("# leaks: it does", "'# leaks:' without a reason"),
        ("# silent: bad", "'# silent:' without a reason"),
    ],
)
def test_incomplete_declarations(workshop: Workshop, declaration: str, problem: str) -> None:
    workshop.write("declares", f"{HEADER}{declaration}\nx = 1\n")
    rules = files.every_declaration_is_known, files.every_declaration_is_complete
    assert problem in workshop.census(*rules)


def test_a_part_that_nobody_has(workshop: Workshop) -> None:
    workshop.write("part", HEADER + "# needs: oracle\n")
    assert "'# needs: oracle': there are pgbouncer, server" in workshop.census(
        files.every_declaration_is_complete
    )


def test_every_exemption_is_listed(workshop: Workshop) -> None:
    assert exemptions(workshop.project.all()) == []
    workshop.write("narrow", HEADER + "# drivers: asyncpg (the others have no such setting)\nx = 1\n")
    assert "The others have no such setting" in exemptions(workshop.project.all())[0]


def test_an_unrecorded_snippet_that_shows_nothing(workshop: Workshop) -> None:
    header = HEADER + "# unrecorded: two tasks at once\n"
    workshop.write("nothing", header + "x = 1\n")
    message = workshop.census(files.what_is_not_recorded_is_still_held)
    assert message.startswith("snippets/topic/nothing.py:1: is '# unrecorded:' and prints nothing")
    workshop.write("nothing", header + "print(1)\n#> 1\n")
    assert workshop.census(files.what_is_not_recorded_is_still_held) == ""
