"""The doctor's rules, each with a catalogue of its own: what counts, how much, and what is shown of it."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import closing
from typing import Any

import pytest

from greenlit.doctor.diagnose import CLI
from tests.scripts import Script

Diagnosis = tuple[str, float, list[list[str]]]
Ask = Callable[..., list[Diagnosis]]
Entry = dict[str, Any]

SAYS = "pool is full"  # A point for 12 characters.
ASK = "module.doctor(given.catalogue)(given.text).map(({ entry, score, why }) => [entry.slug, score, why])"


@pytest.fixture(scope="module")
def ask() -> Iterator[Ask]:
    with closing(Script(CLI.with_name("diagnose.mjs"), ASK)) as script:
        yield lambda text, *catalogue: script({"catalogue": catalogue, "text": text})


def entry(slug: str = "a", rank: int = 0, **signals: Any) -> Entry:
    return {"slug": slug, "rank": rank, "says": [SAYS], **signals}


def message(length: int) -> str:
    return ("the connection pool of this engine is used up and each new request has to wait for one " * 2)[
        :length
    ].replace(" ", "-")


# How much it counts ------------------------------------------------------------------------------

HINTS = [f"hint{n}" for n in range(5)]


@pytest.mark.parametrize(
    "signals, score",
    [
        ({}, 11),
        ({"rank": 40}, 10.6),
        ({"says": [message(71)]}, 10 + 71 / 12),
        ({"says": [message(72)]}, 16),
        ({"says": [message(84)]}, 16),
        ({"says": [SAYS, message(36)]}, 13),  # the clearest of them
        ({"says": ["pool is * of it"]}, 10 + 12 / 12),  # What stands for the star does not count.
        ({"decisive": HINTS[:1]}, 17),
        ({"decisive": HINTS[:3]}, 29),
        ({"decisive": HINTS[:4]}, 29),
        ({"hints": HINTS[:1]}, 12.5),
        ({"hints": HINTS[:4]}, 17),
        ({"hints": HINTS[:5]}, 17),
        ({"unlike": HINTS[:1]}, 4),
        ({"says": [message(72)], "unlike": HINTS[:2]}, 2),
        ({"says": [message(72)], "unlike": HINTS[:3]}, 2),
        ({"says": [message(48)], "unlike": HINTS[:2]}, None),  # No point is left.
        ({"says": [message(49)], "unlike": HINTS[:2]}, 1 / 12),
        ({"says": [], "hints": HINTS}, None),  # Hints alone say nothing,
        ({"says": [], "hints": HINTS[:3], "silent": True}, 4.5),  # except where the failure is silent.
        ({"says": [], "hints": HINTS[:2], "decisive": HINTS[2:3], "silent": True}, 9),
        ({"says": [], "hints": HINTS[:2], "silent": True}, None),
        ({"silent": True}, 11),
    ],
)
def test_score(ask: Ask, signals: Entry, score: float | None) -> None:
    text = " ".join([SAYS, "of it", *HINTS, message(84)])
    found = [points for _, points, _ in ask(text, entry(**signals))]
    assert found == ([] if score is None else [pytest.approx(score)])


def test_the_likeliest_comes_first_and_what_is_far_behind_not_at_all(ask: Ask) -> None:
    text = f"{SAYS} {message(72)} {' '.join(HINTS)}"
    near = entry("near", says=[message(72)])
    best = entry("best", says=[message(72)], decisive=HINTS[:2], hints=HINTS[2:3])  # 13.5 points more
    far = entry("far", says=[message(72)], decisive=HINTS[:2], hints=HINTS[2:3], unlike=HINTS[3:5])  # 14 less
    assert [slug for slug, _, _ in ask(text, far, near, best)] == ["best", "near"]


def test_five_at_most_and_equals_in_the_order_of_the_catalogue(ask: Ask) -> None:
    assert [slug for slug, _, _ in ask(SAYS, *map(entry, "gfedcba"))] == list("gfedc")


@pytest.mark.parametrize("kind", ["decisive", "hints", "unlike"])
@pytest.mark.parametrize(
    "word, text, counts",
    [
        *(("commit", f"{letter}commit", False) for letter in "09az_"),
        *(("commit", f"commit{letter}", False) for letter in "09az_"),
        *(("commit", f"{mark}commit{mark}", True) for mark in "/:{.(é"),
        ("commit", "commit", True),
        ("test_", "test_orders", True),
        ("_commit", "session_commit", True),
        ("retry=", "retry=true", True),
        (".retry", "session.retry", True),
    ],
)
def test_a_word_is_no_part_of_another_one(ask: Ask, kind: str, word: str, text: str, counts: bool) -> None:
    signals: Entry = {"says": [message(84)], kind: [word]}
    [(_, score, _)] = ask(f"{message(84)} {text}", entry(**signals))
    assert (score != 16) == counts


@pytest.mark.parametrize("kind", ["says", "common"])
def test_a_message_may_begin_and_end_within_a_word(ask: Ask, kind: str) -> None:
    assert ask(f"sqlalchemy: xx{SAYS}xx", {**entry(says=[]), kind: [SAYS]})


def test_each_letter_counts(ask: Ask) -> None:
    for number in range(len(SAYS)):
        for other in ("z", "é", ""):
            assert not ask(SAYS[:number] + other + SAYS[number + 1 :], entry())


# Whose error it is --------------------------------------------------------------------------------

NAMES = ["", "sqlalchemy", "asyncpg", "django", "asyncpg django", "sqlalchemy django", "tortoise", "asyncpg tortoise",
         "sqlalchemy tortoise"]  # fmt: skip
OURS = {"sqlalchemy", "asyncpg", "sqlalchemy django", "sqlalchemy tortoise"}


@pytest.mark.parametrize("named", NAMES)
@pytest.mark.parametrize(
    "signals, counts",
    [
        ({}, {*OURS, "", "django", "asyncpg django"}),
        ({"says": [], "common": [SAYS]}, OURS),
        ({"shared": True}, OURS),
        ({"shared": "database"}, {*OURS, ""}),
    ],
)
def test_whose_error_it_is(ask: Ask, named: str, signals: Entry, counts: set[str]) -> None:
    """A message that others raise too counts beside our stack, or where the text names no other one."""
    assert bool(ask(f"{named}\n{SAYS}", entry(**signals))) == (named in counts)


# A message with gaps, and one that breaks off ---------------------------------------------------------


def gap(length: int) -> str:
    return f" {'x' * (length - 2)} "


@pytest.mark.parametrize(
    "says, text, found",
    [
        ("head * the longest part", f"head{gap(240)}the longest part", True),
        ("head * the longest part", f"head{gap(241)}the longest part", False),
        ("the longest part * tail", f"the longest part{gap(240)}tail", True),
        ("the longest part * tail", f"the longest part{gap(241)}tail", False),
        ("one * two * the longest part * three * four", "one two the longest part three four", True),
        ("one * two * the longest part * three * four", "two one the longest part three four", False),
        ("one * two * the longest part * three * four", "one two the longest part four three", False),
        ("one * two * the longest part * three * four", f"one two{'.' * 300} the longest part three four", False),
        ("*the longest part*", "the longest part", True),
        ("head*the longest part*tail", "headthe longest parttail", True),
    ],
)  # fmt: skip
def test_gaps(ask: Ask, says: str, text: str, found: bool) -> None:
    for before in ("", "y" * 500):
        for after in ("", "y" * 500):
            assert bool(ask(before + text + after, entry(says=[says]))) == found


def test_the_nearest_parts_count(ask: Ask) -> None:
    [(_, _, why)] = ask("up up down down is it", entry(says=["up * down down * it", "is"]))
    assert why == [["up ", "up down down is it", ""]]
    [(_, _, why)] = ask("up the longest down down", entry(says=["up * the longest * down"]))
    assert why == [["", "up the longest down", " down"]]


@pytest.mark.parametrize("number, found", [(1, True), (23, True), (24, False), (25, False), (26, True)])
def test_the_first_23_places_and_the_last_one_are_searched(ask: Ask, number: int, found: bool) -> None:
    """Else a text that repeats a beginning would take time without end."""
    places = [f"opening {'end' if n == number else ''}{gap(300)}" for n in range(1, 27)]
    answers = ask("".join(places), entry(says=["opening * end"]))
    assert [line[1] for _, _, [line] in answers] == (["opening end"] if found else [])


LONG, MEDIUM = message(60), message(30)


@pytest.mark.parametrize(
    "says, text, score",
    [
        (LONG, LONG[:33], 10 + 33 / 12),  # 55 of a hundred
        (LONG, LONG[:32], None),
        (MEDIUM, MEDIUM[:24], 12),  # and never less than 24 characters
        (MEDIUM, MEDIUM[:23], None),
        (message(120), message(84), 16),
        *((LONG, f"{LONG[:40]}{closing}", 10 + 40 / 12) for closing in (*"'\".)>]} \n", "...')", "…", "...")),
        *((LONG, f"{LONG[:40]}{other}", None) for other in (*",(<[{=", "..,", ". .,")),
        *((LONG, f"{LONG[:40]}{dots} and more", 10 + 40 / 12) for dots in ("…", "...")),
        *((LONG, f"{LONG[:40]}{dots} and more", None) for dots in ("", ".", "..", ". ..", ".. .", "-..", ".-.")),
        (f"{LONG} * ends", LONG, 15),  # All of the first part, and no more.
        (f"{LONG} * ends", LONG[:40], 10 + 40 / 12),
        (f"begins * {LONG}", LONG[:40], None),  # Not the first part.
        (f"{MEDIUM} * {LONG[:30]}", MEDIUM[:25], 10 + 25 / 12),  # The first one of equal length is searched.
    ],
)  # fmt: skip
def test_a_message_that_breaks_off(ask: Ask, says: str, text: str, score: float | None) -> None:
    found = [points for _, points, _ in ask(f"sqlalchemy {text}", entry(says=[says]))]
    assert found == ([] if score is None else [pytest.approx(score)])
    assert not ask(text, entry(says=[f"{says}!"])), "not without our stack"


def test_a_hint_that_breaks_off_is_none(ask: Ask) -> None:
    [(_, score, _)] = ask(f"sqlalchemy {SAYS} {LONG[:50]}", entry(hints=[LONG]))
    assert score == 11


def test_messages_within_messages(ask: Ask) -> None:
    """While a long one is followed, a shorter one within it is seen as well, whole or broken off."""
    outer = entry("outer", says=["the connection pool is full of connections that nobody gives back, really"])
    inner, late = entry("inner", says=["pool is full"]), entry("late", says=["full of connections"])
    assert {
        slug for slug, _, _ in ask("the connection pool is full of connections, and more", outer, inner, late)
    } == {
        "inner",
        "late",
    }
    tail = entry("tail", says=["connection pool is full of connections that nobody wants"])
    found = ask("sqlalchemy: the connection pool is full of connections that nobody", outer, tail)
    assert {slug for slug, _, _ in found} == {"outer", "tail"}


# What is shown of it ------------------------------------------------------------------------------


def why(ask: Ask, text: str, **signals: Any) -> list[list[str]]:
    [(_, _, lines)] = ask(text, entry(**signals))
    return lines


def test_the_lines_that_decided_are_marked_in_their_order(ask: Ask) -> None:
    text = "first line\nfar hint1 away\n\nhint0: pool is full, hint2 too\nhint3\nlast"
    assert why(ask, text, hints=["hint2", "hint1", "hint0"], decisive=["hint3"]) == [
        ["far ", "hint1", " away"],
        ["", "hint0", ": ", "pool is full", ", ", "hint2", " too"],
        ["", "hint3", ""],
    ]


def test_of_too_many_lines_the_strongest_four(ask: Ask) -> None:
    text = "hint0\nhint1\nhint2\nhint3\npool is full"
    assert why(ask, text, hints=["hint0", "hint1"], decisive=["hint2", "hint3"]) == [
        ["", "hint0", ""], ["", "hint2", ""], ["", "hint3", ""], ["", "pool is full", ""],
    ]  # fmt: skip


@pytest.mark.parametrize(
    "text, says, pieces",
    [
        (f"{'x' * 80}pool is full", [SAYS], ["x" * 80, SAYS, ""]),
        (f"{'x' * 81}pool is full", [SAYS], [f"…{'x' * 80}", SAYS, ""]),
        (f"\n{'x' * 80}pool is full\n", [SAYS], ["x" * 80, SAYS, ""]),
        (f"pool is full{'x' * 288}", [SAYS], ["", SAYS, "x" * 288]),
        (f"pool is full{'x' * 289}", [SAYS], ["", SAYS, f"{'x' * 288}…"]),
        (f"pool is full{'x' * 289}\n", [SAYS], ["", SAYS, f"{'x' * 288}…"]),
        (f"pool is full{'x' * 288}\nyyy", [SAYS], ["", SAYS, "x" * 288]),
        (f"pool is full{'x' * 287}twice", [SAYS, "twice"], ["", SAYS, "x" * 287, "t", "…"]),
        (f"pool is full{'x' * 288}twice", [SAYS, "twice"], ["", SAYS, f"{'x' * 288}…"]),
        ("a pool is full now", [SAYS, "is full now", "a pool"], ["", "a pool", " ", "is full now", ""]),
        ("pool is full(twice", ["(twice", SAYS], ["", SAYS, "", "(twice", ""]),
        ("so pool is\nfull of it", [SAYS], ["so ", "pool is", ""]),
        ("A POOL  IS FULL.", [SAYS], ["A ", "POOL  IS FULL", "."]),
    ],
)
def test_pieces_of_a_line(ask: Ask, text: str, says: list[str], pieces: list[str]) -> None:
    assert why(ask, text, says=says) == [pieces]


def test_the_first_place_where_a_message_breaks_off_is_shown(ask: Ask) -> None:
    assert why(ask, f"sqlalchemy 1 {LONG[:40]}...\n2 {LONG[:40]}...", says=[LONG]) == [
        ["sqlalchemy 1 ", LONG[:40], "..."]
    ]


def test_an_empty_signal_is_refused(ask: Ask) -> None:
    for empty in ("", " * "):
        with pytest.raises(RuntimeError, match=f'hints: "{re.escape(empty)}" holds no words'):
            ask("", entry(hints=[empty]))
