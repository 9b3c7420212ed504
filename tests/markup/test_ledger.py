"""The ledger: which rows the rail runs beside, what a loop looks like, and the literal HTML of a row."""

from __future__ import annotations

import pytest

from greenlit.record import Deed, Line
from greenlit.site.markup.ledger import folded, ledger
from greenlit.site.markup.rail import rail
from greenlit.site.markup.tabs import tabs

CHECKOUT, CHECKIN = Deed("pool", "checkout"), Deed("pool", "checkin")
SELECT, COMMIT, RAISED = Deed("sql", "SELECT 1"), Deed("txn", "COMMIT"), Deed("raised", "ValueError: no")


def line(*deeds: Deed, number: int = 1, times: int = 1) -> Line:
    return Line(number, "await work()", deeds=list(deeds), times=times)


def rows(*lines: Line) -> list[str]:
    return [classes.replace("gl-", "") for classes in rail(lines)]


@pytest.mark.parametrize(
    "deeds, beside",
    [
        ([CHECKOUT, SELECT, CHECKIN], ["", "take held", "held", "held give"]),
        ([CHECKOUT, RAISED], ["", "take held", "held"]),
        ([COMMIT, CHECKIN], ["held", "held", "held give"]),
        ([SELECT], ["held", "held"]),
        ([RAISED], ["", ""]),
        ([CHECKOUT, Deed("pool", "invalidate"), Deed("pool", "connect")], ["", "take held", "held give", ""]),
    ],
    ids=["all of it", "never given back", "taken before", "neither", "no connection", "invalidated"],
)
def test_the_rail_runs_while_a_connection_is_held(deeds: list[Deed], beside: list[str]) -> None:
    assert rows(line(*deeds)) == beside


def test_the_rail_of_two_connections_ends_with_the_last() -> None:
    first, second = line(CHECKOUT, Deed("pool", "checkout", 2)), line(CHECKIN, Deed("pool", "checkin", 2))
    assert rows(first, second) == ["", "take held", "take held", "held", "held", "held give"]


def test_the_rail_needs_nothing_of_an_earlier_ledger() -> None:
    assert rows(line(CHECKOUT)) == rows(line(CHECKOUT))


def test_a_row_for_a_line_and_one_for_each_deed() -> None:
    assert ledger([line(CHECKOUT, SELECT, CHECKIN, times=2)]) == (
        '<ol class="gl-ledger highlight">'
        '<li class="gl-line" data-search-exclude><code><span class="k">await</span> work()'
        '</code> <span class="gl-times">× 2</span></li>'
        '<li class="gl-deed gl-pool gl-take gl-held" data-search-exclude><span>pool</span>'
        "<code>checkout</code></li>"
        '<li class="gl-deed gl-sql gl-held" data-search-exclude><span>sql</span>'
        '<code><span class="k">SELECT</span> <span class="mf">1</span></code></li>'
        '<li class="gl-deed gl-pool gl-held gl-give" data-search-exclude><span>pool</span>'
        "<code>checkin</code></li>"
        "</ol>"
    )


def test_only_what_was_raised_is_searched_for_and_nothing_of_it_is_markup() -> None:
    shown = ledger([Line(1, "raise", leaving=True, deeds=[Deed("raised", "ValueError: <b>")])])
    assert shown == (
        '<ol class="gl-ledger highlight"><li class="gl-line" data-search-exclude><span class="gl-leaving">leaving</span> '
        '<code><span class="k">raise</span></code></li>'
        '<li class="gl-deed gl-raised"><span>raised</span>'
        "<pre><code>ValueError: &lt;b&gt;\n</code></pre></li></ol>"
    )


def test_connections_have_numbers_where_there_are_several() -> None:
    number = '<span>pool <span class="gl-number">#2</span></span>'
    assert number in ledger([line(CHECKOUT, Deed("pool", "checkout", 2))])


def test_a_loop_is_shown_once() -> None:
    first, second = line(SELECT, number=1), line(COMMIT, number=2)
    lines = [line(CHECKOUT), *[first, second] * 5000, line(CHECKIN)]
    assert list(folded(lines)) == [([lines[0]], 1), ([first, second], 5000), ([lines[-1]], 1)]
    shown = ledger(lines)
    assert shown.count("<li") == 9 and 'these 2 lines <span class="gl-times">× 5000</span>' in shown


def test_a_round_does_not_begin_with_the_end_of_a_block() -> None:
    work, leaving = line(CHECKOUT), Line(1, "async with", leaving=True, deeds=[CHECKIN])
    lines = [leaving, *[work, leaving] * 3]
    assert list(folded(lines)) == [([leaving], 1), ([work, leaving], 3)]


def test_the_rail_goes_on_beside_a_loop_that_keeps_its_connection() -> None:
    lines = [line(CHECKOUT), *[line(SELECT, number=1), line(COMMIT, number=2)] * 3, line(CHECKIN)]
    assert '<li class="gl-again gl-held"' in ledger(lines)


def test_two_rounds_are_shown_as_two() -> None:
    lines = [line(SELECT, number=1), line(COMMIT, number=2)] * 2
    assert [times for _, times in folded(lines)] == [1, 1, 1, 1]


def test_rounds_that_differ_are_not_folded() -> None:
    lines = [line(Deed("sql", f"SELECT {number}")) for number in range(9)]
    assert [times for _, times in folded(lines)] == [1] * 9


def test_tabs_are_radio_buttons() -> None:
    assert tabs([("asyncpg", "<p>a</p>"), ("psycopg", "<p>b</p>")], 3) == (
        '<div class="gl-tabs no-copy">'
        '<input type="radio" name="tab-3" id="tab-3-1" checked><label for="tab-3-1">asyncpg</label><div><p>a</p></div>'
        '<input type="radio" name="tab-3" id="tab-3-2"><label for="tab-3-2">psycopg</label><div><p>b</p></div>'
        "</div>"
    )
