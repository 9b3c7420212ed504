"""A fix and its twin."""

from __future__ import annotations

import pytest

from greenlit.census import twins
from tests.proof_of_proof.workshop import HEADER, Workshop


def test_a_twin_that_differs_by_more_than_the_fix(workshop: Workshop) -> None:
    lines = [f"x{number} = {number}\n" for number in range(10)]
    workshop.write("sums", HEADER + "".join(lines))
    workshop.write(
        "sums_breaks", HEADER + "# raises: NameError\n" + "".join(lines).replace("=", "= 1 +") + "y\n"
    )
    assert "differs from sums_breaks.py by 21 lines, and 14 are the most" in workshop.census(
        twins.every_fix_is_only_the_fix
    )


def test_a_fix_that_is_no_change(workshop: Workshop) -> None:
    workshop.write("same", HEADER + "x = 1\n")
    workshop.write("same_breaks", HEADER + "# raises: NameError\nx = 1\n")
    assert "is the same as same_breaks.py" in workshop.census(twins.every_fix_is_only_the_fix)


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
    assert problem in workshop.census(twins.every_broken_twin_declares_and_is_healed)


@pytest.mark.parametrize(
    "twin, fix",
    [
        ("x = 1\n", "# Now it is right.\nx = 1\n"),
        ("def f() -> None:\n    pass\n", 'def f() -> None:\n    """Right."""\n    pass\n'),
    ],
)
def test_a_fix_that_is_a_comment(workshop: Workshop, twin: str, fix: str) -> None:
    workshop.pair(f"# raises: NameError\n\n{twin}", f"\n{fix}")
    message = workshop.census(twins.every_fix_is_only_the_fix)
    assert message.startswith("snippets/topic/pair.py:1: differs from pair_breaks.py by a comment only")


def test_a_silent_twin_that_prints_what_its_fix_prints(workshop: Workshop) -> None:
    twin = "# silent: the row is lost\nx = 1\nprint(x)\n#> 1\n"
    workshop.pair(twin, "x = 2 - 1\nprint(x)\n#> 1\n")
    message = workshop.census(twins.every_silent_twin_shows_its_harm)
    assert message.startswith(
        "snippets/topic/pair_breaks.py:1: is silently wrong, it says, and prints just what pair.py"
    )
    workshop.pair(twin, "x = 2\nprint(x)\n#> 2\n")
    assert workshop.census(twins.every_silent_twin_shows_its_harm) == ""


def test_a_fix_that_does_not_run_where_its_twin_breaks(workshop: Workshop) -> None:
    workshop.pair("# raises: NameError\ny\n", "# drivers: asyncpg (the others have no such setting)\nx = 1\n")
    message = workshop.census(twins.every_fix_runs_where_its_twin_breaks)
    assert message.startswith(
        "snippets/topic/pair.py:1: pair_breaks.py breaks on aiosqlite, psycopg, and the fix does not"
    )


def test_a_fix_that_leaks(workshop: Workshop) -> None:
    workshop.pair("# raises: NameError\ny\n", "# leaks: it is hard to close\nx = 1\n")
    assert "pair.py:1: a fix that '# leaks:' a connection heals nothing" in workshop.census(
        twins.no_fix_leaks
    )


def test_a_fix_of_a_twin_that_is_not_there(workshop: Workshop) -> None:
    workshop.write("lone", HEADER + "# twin: topic/gone_breaks\nx = 1\n")
    message = workshop.census(twins.every_fix_has_the_twin_that_it_names)
    assert message.startswith(
        "snippets/topic/lone.py:1: '# twin:' snippets/topic/gone_breaks.py does not exist"
    )
