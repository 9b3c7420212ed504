"""What the doctor makes of a text without a message that it knows, and of one that is somebody else's."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing

import pytest

from greenlit.doctor.diagnose import CLI
from tests.scripts import Script
from tests.test_doctor_rules import ASK, SAYS, Ask, Entry, entry


@pytest.fixture(scope="module")
def ask() -> Iterator[Ask]:
    with closing(Script(CLI.with_name("diagnose.mjs"), ASK)) as script:
        yield lambda text, *catalogue: script({"catalogue": catalogue, "text": text})


WITHOUT = {"says": ["something else"], "rank": 0}


@pytest.mark.parametrize(
    "signals, text, score",
    [
        ({"asked": ["pool * slow"]}, "why is the pool so slow", 5),
        ({"asked": ["pool * slow", "why is"]}, "why is the pool so slow", 6.5),
        ({"asked": ["pool * slow"]}, "the pool is slower", None),  # Whole words at both ends,
        ({"asked": ["pool * slow"]}, f"pool {'x' * 61} slow", None),  # near each other.
        ({"asked": ["pool * slow"], "decisive": ["why"]}, "why is the pool so slow", 5),
        ({"asked": ["pool * slow"], "hints": ["why"]}, "why is the pool so slow", 6.5),
        ({"classes": ["pool.exc.PoolIsFull"]}, "PoolIsFull", 3),
        ({"classes": ["RuntimeError"]}, "RuntimeError", None),  # Too many raise it.
        ({"code": "abcd"}, "https://sqlalche.me/e/21/abcd", 2),
        ({"code": "f405"}, "https://sqlalche.me/e/21/f405", None),  # DBAPI's ProgrammingError
        ({"title": "The pool is full: what now"}, "the pool is full: what now", 9),
        ({"title": "Full pool"}, "full pool", None),  # Too short.
        ({"asked": ["pool * slow"], "says": [SAYS]}, f"{SAYS} and the pool slow", 12.5),
    ],
)
def test_what_is_said_without_a_message(ask: Ask, signals: Entry, text: str, score: float | None) -> None:
    found = [points for _, points, _ in ask(text, {"slug": "a", **WITHOUT, **signals})]
    assert found == ([] if score is None else [pytest.approx(score)])


def test_a_page_whose_message_is_there_comes_first(ask: Ask) -> None:
    said = entry("said")
    asked = {
        "slug": "asked",
        **WITHOUT,
        "asked": ["pool", "slow", "why"],
        "title": "the pool is slow",
        "hints": ["is"],
    }
    assert [slug for slug, _, _ in ask(f"why is the pool slow? {SAYS}", asked, said)] == ["said", "asked"]


def test_another_pages_error(ask: Ask) -> None:
    assert ask(SAYS, entry(never=["while it rains"]))
    assert not ask(f"{SAYS} while it rains", entry(never=["while it rains"]))


@pytest.mark.parametrize(
    "named, counts",
    [
        ("flask", False),
        ("psycopg2.errors.X", False),
        ("flask AsyncSession", True),
        ("", True),
        ("asyncpg/pool.py", True),
    ],
)
def test_what_is_synchronous_is_left_to_others(ask: Ask, named: str, counts: bool) -> None:
    assert bool(ask(f"{named}\n{SAYS}", entry())) == counts


def test_a_drivers_frames_without_sqlalchemys_are_somebody_elses(ask: Ask) -> None:
    shared = entry(shared="database")
    assert ask(SAYS, shared)
    assert not ask(f"asyncpg/connection.py {SAYS}", shared)
    assert ask(f"sqlalchemy/engine/base.py asyncpg/connection.py {SAYS}", shared)


@pytest.mark.parametrize(
    "text, found",
    [("FullError: pool is fu...", True), ("a pool is fu...", False), ("FullError: pool is fu", False)],
)
def test_a_summary_cuts_a_message_short(ask: Ask, text: str, found: bool) -> None:
    assert bool(ask(f"sqlalchemy {text}", entry())) == found
