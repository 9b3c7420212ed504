"""What is published of a file, and where its lines are there."""

from __future__ import annotations

from greenlit.unmarked import place, unmarked

FILE = """\
a


# --8<-- [start:b]
b


# --8<-- [end:b]


def c():

    # --8<-- [start:d]

    d
    # --8<-- [end:d]
"""


def test_marks_and_the_gaps_that_they_leave_are_taken_out() -> None:
    assert unmarked(FILE) == "a\n\n\nb\n\n\ndef c():\n\n    d\n"


def test_a_line_is_found_in_what_is_published() -> None:
    lines, published = FILE.splitlines(), unmarked(FILE).splitlines()
    for number, line in enumerate(lines, 1):
        if line and "--8<--" not in line:
            assert published[place(FILE, number) - 1] == line
