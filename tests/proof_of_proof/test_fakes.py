"""Pairs that pass and prove nothing."""

from __future__ import annotations

import pytest

from greenlit.census import fakes
from tests.proof_of_proof.workshop import HEADER, Workshop

DECLARED = "# raises: sqlalchemy.exc.NoResultFound\n"


@pytest.mark.parametrize(
    "body, line",
    [
        ("from sqlalchemy.exc import NoResultFound\nraise NoResultFound()\n", 7),
        ("from sqlalchemy.exc import NoResultFound\nraise NoResultFound\n", 7),
        ("from sqlalchemy.exc import NoResultFound as Nothing\nraise Nothing('here')\n", 7),
        ("from sqlalchemy import exc\nraise exc.NoResultFound()\n", 7),
        ("from sqlalchemy import exc\nNothing = exc.NoResultFound\nraise Nothing()\n", 8),
        ("from sqlalchemy import exc\nerror = exc.NoResultFound()\nraise error\n", 7),
    ],
)
def test_a_twin_that_raises_by_hand(workshop: Workshop, body: str, line: int) -> None:
    workshop.write("made_breaks", HEADER + DECLARED + body)
    message = workshop.census(fakes.no_twin_raises_by_hand)
    assert message.startswith(
        f"snippets/topic/made_breaks.py:{line}: makes the exception itself that it declares"
    )


def test_a_twin_may_raise_what_it_caught(workshop: Workshop) -> None:
    body = "try:\n    int('one')\nexcept ValueError as error:\n    raise error.with_traceback(None)\n"
    workshop.write("caught_breaks", HEADER + "# raises: ValueError\n" + body)
    assert workshop.census(fakes.no_twin_raises_by_hand) == ""


TWIN = "from contextlib import suppress\n\nint('one')\nsuppress\n"


@pytest.mark.parametrize(
    "call, words",
    [
        ("with suppress(ValueError):\n    int('one')\n", "suppress(ValueError)"),
        ("with suppress(KeyError, Exception):\n    int('one')\n", "suppress(KeyError, Exception)"),
        ("try:\n    int('one')\nexcept ValueError:\n    pass\n", "except ValueError"),
        ("try:\n    int('one')\nexcept (KeyError, ValueError):\n    ...\n", "except (KeyError, ValueError)"),
        ("try:\n    int('one')\nexcept:\n    pass\n", "except"),
        (
            "for _ in 'a':\n    try:\n        int('one')\n    except Exception:\n        continue\n",
            "except Exception",
        ),
    ],
)
def test_a_fix_that_swallows(workshop: Workshop, call: str, words: str) -> None:
    workshop.pair("# raises: ValueError\n" + TWIN, TWIN.replace("int('one')\n", call))
    message = workshop.census(fakes.no_fix_swallows_what_its_twin_raises)
    assert message.startswith("snippets/topic/pair.py:")
    assert f"only swallows what pair_breaks.py raises ({words})" in message


def test_a_base_class_catches_too(workshop: Workshop) -> None:
    twin = "from sqlalchemy.exc import SQLAlchemyError\n\nprint(SQLAlchemyError)\n"
    swallows = "try:\n    print(SQLAlchemyError)\nexcept SQLAlchemyError:\n    pass\n"
    workshop.pair(DECLARED + twin, twin.replace("print(SQLAlchemyError)\n", swallows))
    assert "(except SQLAlchemyError)" in workshop.census(fakes.no_fix_swallows_what_its_twin_raises)


@pytest.mark.parametrize(
    "call",
    [
        "try:\n    int('one')\nexcept ValueError:\n    print('not a number')\n",
        "with suppress(KeyError):\n    int('1')\n",
    ],
)
def test_a_fix_that_handles(workshop: Workshop, call: str) -> None:
    workshop.pair("# raises: ValueError\n" + TWIN, TWIN.replace("int('one')\n", call))
    assert workshop.census(fakes.no_fix_swallows_what_its_twin_raises) == ""


@pytest.mark.parametrize(
    "line, wrong",
    [
        ("print('the row is lost')", True),
        ("print(1 + 1)", True),
        ("print(f'stored')", True),
        ("if True:\n    print('the row is lost')", True),
        ("print(rows)", False),
        ("print('driver | rows')", False),
        ("if rows:\n    print('the row is lost')", False),
    ],
)
@pytest.mark.parametrize("declared", ["# silent: the row is lost\n", "# raises: AssertionError\n"])
def test_a_print_of_words(workshop: Workshop, declared: str, line: str, wrong: bool) -> None:
    workshop.pair(f"{declared}rows = 0\n{line}\n", "rows = 1\nprint(rows)\n")
    message = workshop.census(fakes.no_pair_prints_what_is_written_down)
    assert message.startswith("snippets/topic/pair_breaks.py:") == wrong
    assert ("prints words that stand in the file" in message) == wrong


@pytest.mark.parametrize(
    "test, wrong", [("False", True), ("1 == 2", True), ("'a' in 'b'", True), ("rows == 1", False)]
)
def test_an_assertion_of_constants(workshop: Workshop, test: str, wrong: bool) -> None:
    workshop.write("constant_breaks", f"{HEADER}# raises: AssertionError\nrows = 0\nassert {test}\n")
    message = workshop.census(fakes.no_assertion_is_of_constants)
    assert message.startswith("snippets/topic/constant_breaks.py:7: asserts the same in every run") == wrong
