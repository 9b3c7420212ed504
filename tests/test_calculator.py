"""The pool calculator's arithmetic: against textbook values, against laws, and against what the lab measured."""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Iterator
from contextlib import closing
from typing import Any

import pytest

from greenlit.project import HERE
from greenlit.proof.charts import CHARTS
from snippets.lab import lab
from tests.scripts import Script

Calculate = Callable[..., dict[str, Any]]
USUAL = {
    "workers": 4, "replicas": 2, "poolSize": 5, "maxOverflow": 10,
    "maxConnections": 100, "reserved": 3, "heldMs": 20, "rate": 400,
}  # fmt: skip
ONE_PROCESS = {"workers": 1, "replicas": 1, "maxOverflow": 0}
SHORT = 0.1
"""The share of the time held that a request may wait if a pool is to be called large enough."""


@pytest.fixture(scope="module")
def calculate() -> Iterator[Calculate]:
    path = HERE.root / "greenlit" / "calculator" / "arithmetic.mjs"
    with closing(Script(path, "module.calculate(given)")) as script:
        yield lambda **given: script(USUAL | given)


@pytest.mark.parametrize(
    "given, found",
    [
        # 4 workers on 2 machines, and 5 + 10 connections each, are more than the 97 that are not reserved.
        (
            {},
            {"processes": 8, "perProcess": 15, "atWorst": 120, "available": 97, "fits": False,
             "limit": "server", "limitRate": 4850, "affordable": 12,
             "inUse": 8, "inUsePerProcess": 1, "utilisation": 1 / 15},
        ),
        ({"maxOverflow": 0}, {"atWorst": 40, "fits": True, "limit": "pool", "limitRate": 2000}),
        ({"maxConnections": 123}, {"available": 120, "fits": True, "limit": "pool"}),
        ({"maxConnections": 122}, {"available": 119, "fits": False, "limit": "server"}),
        ({"maxConnections": 3}, {"available": 0, "limitRate": 0, "affordable": 0, "suggested": 1}),
        ({"maxConnections": 1}, {"available": 0}),  # Never less than none.
        ({"rate": 0}, {"inUse": 0, "waitMs": 0, "needed": 1, "suggested": 1, "suggestedWaitMs": 0}),
        # Half a connection is in use: one would wait as long as it works, two wait 1/15 of that.
        ({**ONE_PROCESS, "rate": 25}, {"needed": 2, "suggested": 2, "enough": True, "suggestedWaitMs": 20 / 15}),
        ({**ONE_PROCESS, "rate": 25, "maxConnections": 5}, {"affordable": 2, "suggested": 2, "enough": True}),
        (
            {**ONE_PROCESS, "rate": 25, "maxConnections": 4},
            {"affordable": 1, "needed": 2, "suggested": 1, "enough": False, "suggestedWaitMs": 20},
        ),
    ],
)  # fmt: skip
def test_by_hand(calculate: Calculate, given: dict[str, float], found: dict[str, float]) -> None:
    answer = calculate(**given)
    assert {key: answer[key] for key in found} == pytest.approx(found)


def test_more_than_any_server_allows(calculate: Calculate) -> None:
    """262143 is the most that PostgreSQL can be set to."""
    busy = {**ONE_PROCESS, "heldMs": 1000, "maxConnections": 262143, "reserved": 0}
    assert calculate(**busy, rate=260_000)["enough"] is True
    for rate in (262_143, 1_000_000, 1e308):
        assert calculate(**busy, rate=rate)["needed"] == "Infinity"
        assert calculate(**busy, rate=rate)["enough"] is False


@pytest.mark.parametrize(
    "connections, in_use, wait",
    [
        (1, 0.5, 1.0),  # M/M/1: rho / (1 - rho) of the time held
        (1, 1 / 11, 0.1),
        (2, 1.0, 1 / 3),  # C(2, 1) = 1/3, over (2 - 1)
        (5, 4.0, 0.554113),  # textbook: C(5, 4) = 0.5541
        (20, 16.0, 0.256077846 / 4),  # by the sum in Erlang's definition
        (2, 2.0, "Infinity"),
        (2, 3.0, "Infinity"),
    ],
)
def test_erlang(calculate: Calculate, connections: int, in_use: float, wait: float | str) -> None:
    """The mean wait, in units of the time that a connection is held."""
    found = calculate(**ONE_PROCESS, poolSize=connections, heldMs=1000, rate=in_use)
    assert found["waitMs"] == (wait if wait == "Infinity" else pytest.approx(float(wait) * 1000, rel=1e-5))


def test_the_smallest_pool_that_is_large_enough(calculate: Calculate) -> None:
    """The suggestion waits a tenth of the time held, at most, and one connection less would wait longer."""
    for in_use, held in itertools.product((0.05, 0.4, 1, 3.7, 12, 80), (1, 250)):
        load = ONE_PROCESS | {"maxConnections": 500, "heldMs": held, "rate": in_use * 1000 / held}
        found = calculate(**load)
        assert found["enough"] and found["suggestedWaitMs"] <= SHORT * held
        assert found["suggestedWaitMs"] == calculate(**load, poolSize=found["suggested"])["waitMs"]
        if found["suggested"] > 1:
            shorter = calculate(**load, poolSize=found["suggested"] - 1)["waitMs"]
            assert shorter == "Infinity" or shorter > SHORT * held


def test_a_wait_of_exactly_a_tenth_is_short_enough(calculate: Calculate) -> None:
    """Two connections, each in use for a share r of the time, let a request wait r²/(1 - r²) of the time held."""
    found = calculate(**ONE_PROCESS, heldMs=1000, rate=2 / math.sqrt(11))
    assert found["suggestedWaitMs"] == SHORT * 1000  # To the last bit, or the next line shows nothing.
    assert found["needed"] == 2


# The lab ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", CHARTS)
def test_the_numbers_of_a_chart_fit_together(name: str) -> None:
    """Little's law: the requests a second, times the seconds that one takes, are the requests under way."""
    report = lab.read(HERE.charts / f"{name}.json")
    tasks = report.concurrency if report.rate is None else None
    for point in report.points:
        took = point.requests / point.per_second
        assert -0.01 < took - report.seconds < 2 * point.p95_ms / 1000, "all requests, and the last ones' end"
        mean = point.waiting_ms + point.query_ms
        assert 0.7 < point.median_ms / mean < 1.1 < point.p95_ms / mean + 0.1 < 3.2, point
        querying = point.per_second * point.query_ms / 1000
        assert point.connects == point.pool_size and point.failed == 0
        if tasks:
            assert 0.93 < point.per_second * mean / 1000 / tasks <= 1, point
            assert 0.98 < querying / point.pool_size < 1.12, "each connection is always in use"
        else:
            assert report.rate and 0.97 < point.per_second / report.rate < 1.03
            assert querying < point.pool_size


def test_the_lab_agrees(calculate: Calculate) -> None:
    """Requests that came at random: the wait that was measured is below the calculated one, and not far below.

    The query always takes the same time. If it varied at random, the wait would double: that is what is calculated.
    """
    report = lab.read(HERE.charts / "arrivals.json")
    assert report.rate
    waits = [point.waiting_ms for point in report.points]
    assert waits == sorted(waits, reverse=True)
    for point in report.points:
        found = calculate(**ONE_PROCESS, poolSize=point.pool_size, heldMs=point.query_ms, rate=report.rate)
        assert point.waiting_ms <= found["waitMs"] * 1.5 + 0.5, point
        assert point.waiting_ms >= found["waitMs"] / 5, point
