"""The pool calculator's arithmetic: against textbook values, and against what the lab measured."""

from __future__ import annotations

import json
import subprocess
from typing import Any

import pytest

from greenlit.doctor.diagnose import node
from greenlit.project import HERE
from snippets.lab import lab

MODULE = (HERE.root / "greenlit" / "calculator" / "reckon.mjs").as_uri()
USUAL = {
    "workers": 4, "replicas": 2, "poolSize": 5, "maxOverflow": 10,
    "maxConnections": 100, "reserved": 3, "heldMs": 20, "rate": 400,
}  # fmt: skip


def reckon(**given: float) -> dict[str, Any]:
    script = f'import {{ reckon }} from "{MODULE}"; console.log(JSON.stringify(reckon({json.dumps(USUAL | given)})));'
    done = subprocess.run(
        [node(), "--input-type=module", "--eval", script], capture_output=True, text=True, check=True
    )
    return dict(json.loads(done.stdout))


def test_connections_at_worst() -> None:
    found = reckon()
    assert (found["processes"], found["atWorst"], found["available"]) == (8, 120, 97)
    assert not found["fits"] and found["limit"] == "server"
    assert found["limitRate"] == pytest.approx(97 / 0.020)
    found = reckon(maxOverflow=0)
    assert found["fits"] and found["limit"] == "pool" and found["limitRate"] == pytest.approx(40 / 0.020)


def test_littles_law() -> None:
    found = reckon()
    assert found["inUse"] == pytest.approx(400 * 0.020)
    assert found["offered"] == pytest.approx(1.0) and found["utilisation"] == pytest.approx(1 / 15)


@pytest.mark.parametrize(
    "servers, offered, wait",
    [
        (1, 0.5, 1.0),  # M/M/1: rho / (1 - rho) of the service time
        (2, 1.0, 1 / 3),  # C(2, 1) = 1/3, over (2 - 1)
        (5, 4.0, 0.5541),  # textbook: C(5, 4) = 0.5541
    ],
)
def test_erlang_c(servers: int, offered: float, wait: float) -> None:
    """The mean wait, in units of the time that a connection is held."""
    found = reckon(workers=1, replicas=1, poolSize=servers, maxOverflow=0, heldMs=1000, rate=offered)
    assert found["waitMs"] / 1000 == pytest.approx(wait, abs=0.001)


def test_more_than_the_pool_can_do() -> None:
    found = reckon(workers=1, replicas=1, poolSize=2, maxOverflow=0, heldMs=100, rate=30)
    assert found["waitMs"] is None  # JSON has no infinity
    assert found["suggested"] > 3 and found["enough"]
    assert found["suggestedWaitMs"] <= 10


def test_not_enough_to_be_had() -> None:
    found = reckon(workers=16, replicas=8, rate=20000)
    assert found["room"] == 0 and not found["enough"]


def test_the_lab_agrees() -> None:
    """Requests that came by chance: the wait that was measured is below the reckoned one, and not far below.

    The query always takes the same time. Chance in it would double the wait, and that is what is reckoned.
    """
    report = lab.read(HERE.charts / "arrivals.json")
    assert report.rate
    for point in report.points:
        given = {"workers": 1, "replicas": 1, "poolSize": point.pool_size, "maxOverflow": 0}
        found = reckon(**given, heldMs=point.query_ms, rate=report.rate)
        assert point.waiting_ms <= found["waitMs"] * 1.5 + 0.5, point
        assert point.waiting_ms >= found["waitMs"] / 5, point
