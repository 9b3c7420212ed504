"""What a section did: its lines, each with its deeds below it, and the rail at their side."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from html import escape

from greenlit.record import Deed, Line
from greenlit.site.markup.code import python, sql
from greenlit.site.markup.rail import rail, several_connections

FEWEST_ROUNDS, LONGEST_ROUND = 3, 20
"""A loop that goes round so often, by so many lines at most, is shown once. Two rounds may be what the page speaks of."""


def ledger(lines: Sequence[Line]) -> str:
    """Of all this, people search for errors only: the rest would make up half of the search's index."""
    rounds = list(folded(lines))
    shown = [line for group, _ in rounds for line in group]
    classes, several = rail(shown), several_connections(shown)
    rows = beside = ""
    for group, times in rounds:
        for line in group:
            beside = next(classes)
            rows += _line(line, beside)
            for deed in line.deeds:
                beside = next(classes)
                rows += _deed(deed, beside, several)
        if times > 1:
            rows += _again(len(group), times, beside)
    return f'<ol class="gl-ledger highlight">{rows}</ol>'


def folded(lines: Sequence[Line]) -> Iterator[tuple[Sequence[Line], int]]:
    """Groups of lines, and how often in a row each did just the same."""
    at = 0
    while at < len(lines):
        length, times = max(
            ((length, _rounds(lines, at, length)) for length in range(1, LONGEST_ROUND + 1)),
            key=lambda group: (group[0] * (group[1] - 1) if group[1] >= FEWEST_ROUNDS else 0, -group[0]),
        )
        if times < FEWEST_ROUNDS:
            length = times = 1
        yield lines[at : at + length], times
        at += length * times


def _rounds(lines: Sequence[Line], at: int, length: int) -> int:
    """How often the next lines come in a row. A round does not begin with the end of a block."""
    if lines[at].leaving:
        return 1
    group, times = lines[at : at + length], 1
    while lines[at + times * length : at + (times + 1) * length] == group:
        times += 1
    return times


def _line(line: Line, rail: str) -> str:
    leaving = '<span class="gl-leaving">leaving</span> ' if line.leaving else ""
    times = f' <span class="gl-times">× {line.times}</span>' if line.times > 1 else ""
    code = f"<code>{python(line.code)}</code>"
    return f'<li class="{_joined("gl-line", rail)}" data-search-exclude>{leaving}{code}{times}</li>'


def _deed(deed: Deed, rail: str, several: bool) -> str:
    classes = _joined("gl-deed", f"gl-{deed.kind}", rail)
    if deed.kind == "raised":
        return f'<li class="{classes}"><span>raised</span><pre><code>{escape(deed.text)}\n</code></pre></li>'
    number = f' <span class="gl-number">#{deed.connection}</span>' if several else ""
    text = sql(deed.text) if deed.kind == "sql" else escape(deed.text)
    kind = f"<span>{deed.kind}{number}</span>"
    return f'<li class="{classes}" data-search-exclude>{kind}<code>{text}</code></li>'


def _again(lines: int, times: int, above: str) -> str:
    held = "gl-held" if "gl-held" in above and "gl-give" not in above else ""
    what = "this line" if lines == 1 else f"these {lines} lines"
    return f'<li class="{_joined("gl-again", held)}" data-search-exclude>{what} <span class="gl-times">× {times}</span></li>'


def _joined(*classes: str) -> str:
    return " ".join(filter(None, classes))
