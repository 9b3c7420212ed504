"""How two differ: a fix and its twin by their code, the runs of one snippet on different releases by what they did."""

from __future__ import annotations

import difflib
import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache

from greenlit.record import Deed, Line, Run
from greenlit.snippet import MARKER, OUTPUT, Snippet

KINDS = RAISES, SQL, TRANSACTIONS, CONNECTIONS, ORDER, PRINTS = (
    "raises something else",
    "sends other SQL",
    "other transactions",
    "other connections",
    "other order",
    "prints something else",
)
_KIND = {"raised": RAISES, "error": RAISES, "sql": SQL, "txn": TRANSACTIONS, "pool": CONNECTIONS}

SPELLINGS = {
    "the link to an error's page": (r"https://sqlalche\.me/e/\d\d/", "https://sqlalche.me/e/.../"),
    "the labels of columns": (
        r'\b(?P<table>\w+)\.(?P<name>"?(?P<column>\w+)"?) AS (?P=table)_(?P=column)\b',
        r"\g<table>.\g<name>",
    ),
}
"""What SQLAlchemy 2.1 writes otherwise wherever it comes: two runs that differ by nothing else did the same."""


@dataclass(frozen=True)
class Difference:
    kind: str
    old: tuple[str, ...]
    """What only the older release did."""
    new: tuple[str, ...]


@cache
def spelled(text: str) -> str:
    for pattern, instead in SPELLINGS.values():
        text = re.sub(pattern, instead, text)
    return text


def spellings(snippet: Snippet, run: Run, other: Run) -> list[str]:
    """In which of them two runs differ that did the same."""
    texts, others = ([*one.output(snippet), *(deed.text for deed in _deeds(one))] for one in (run, other))
    return [
        name
        for name, (pattern, instead) in SPELLINGS.items()
        if any(
            one != two and re.sub(pattern, instead, one) != one
            for one, two in zip(texts, others, strict=True)
        )
    ]


def did(lines: Iterable[Line] | None, *, errors: bool = True) -> list[object]:
    """All that the lines of a section did, for comparing, whatever its spelling; without `errors`, whatever these say."""
    return [
        (
            line.number,
            line.leaving,
            line.times,
            [
                (
                    deed.kind,
                    spelled(deed.text) if errors or _KIND[deed.kind] != RAISES else "",
                    deed.connection,
                )
                for deed in line.deeds
            ],
        )
        for line in lines or ()
    ]


def told(lines: Iterable[Line] | None) -> list[str]:
    """The texts of the errors in a section, in their order."""
    return [deed.text for line in lines or () for deed in line.deeds if _KIND[deed.kind] == RAISES]


def same(snippet: Snippet, run: Run, other: Run) -> bool:
    return run.sections is other.sections or (
        list(run.sections) == list(other.sections)
        and all(did(lines) == did(other.sections[name]) for name, lines in run.sections.items())
        and list(map(spelled, run.output(snippet))) == list(map(spelled, other.output(snippet)))
    )


def differences(snippet: Snippet, old: Run, new: Run) -> list[Difference]:
    if same(snippet, old, new):
        return []
    before, after = _deeds(old), _deeds(new)
    found = []
    for kind in dict.fromkeys(_KIND.values()):
        gone, come = _only(before, after, kind), _only(after, before, kind)
        if gone or come:
            found.append(Difference(kind, gone, come))
    said, says = old.output(snippet), new.output(snippet)
    if list(map(spelled, said)) != list(map(spelled, says)):
        gone = tuple(line for line in said if line not in says)
        come = tuple(line for line in says if line not in said)
        found.append(Difference(PRINTS, gone or tuple(said), come or tuple(says)))
    return found or [Difference(ORDER, _sequence(old), _sequence(new))]


def _deeds(run: Run) -> list[Deed]:
    every = [line for lines in run.sections.values() for line in lines]
    return [deed for line in every for _ in range(line.times) for deed in line.deeds]


def _only(here: list[Deed], there: list[Deed], kind: str) -> tuple[str, ...]:
    """What happens here more often than there."""
    left = Counter((deed.kind, spelled(deed.text)) for deed in there)
    more = []
    for deed in here:
        key = deed.kind, spelled(deed.text)
        left[key] -= 1
        if left[key] < 0 and _KIND[deed.kind] == kind:
            more.append(deed.text)
    return tuple(dict.fromkeys(more))


def _sequence(run: Run) -> tuple[str, ...]:
    """Where nothing but the order differs, the order is the difference."""
    every = [line for lines in run.sections.values() for line in lines]
    return tuple(f"{deed.text} ({line.code})" for line in every for deed in line.deeds)


def fix_rows(twin: Snippet, snippet: Snippet, context: int = 2) -> list[str]:
    """A unified diff of what is code: no header, no markers, no captured output."""
    rows = list(difflib.unified_diff(_code_lines(twin), _code_lines(snippet), lineterm="", n=context))
    return rows[3:]  # Without the names and the first place; a later "@@" separates two places.


def _code_lines(snippet: Snippet) -> list[str]:
    lines = snippet.source.splitlines()[len(snippet.header) :]
    code = [line for line in lines if not MARKER.match(line) and not OUTPUT.match(line)]
    # A marker has blank lines around it: one is enough, with or without the marker.
    return [line for line, above in zip(code, ["", *code], strict=False) if line.strip() or above.strip()]
