"""The lab, run as a reader runs it, on a real server; and its pictures, held to their data."""

from __future__ import annotations

import contextlib
import json
import os
import shlex
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg
import pytest

from greenlit.project import HERE
from greenlit.proof.charts import BENCH, CHARTS
from greenlit.proof.database import Stage
from snippets.lab import driver_bench, lab

LAB = HERE.snippets / "lab" / "lab.py"
QUICK = "--seconds 0.2 --sizes 1,4 --concurrency 8"
SLOW = "--query 'SELECT pg_sleep(0.1)' --seconds 1 --sizes 1,4 --concurrency 8"
"""The query takes longer than what a busy machine adds to it."""
LONG = 60
"""Seconds, after which what was waited for counts as missing."""


def run(stage: Stage, out: Path, options: str, driver: str = "asyncpg") -> subprocess.CompletedProcess[str]:
    command = [
        sys.executable,
        str(LAB),
        "--url",
        stage.fresh(driver),
        "--out",
        str(out / "lab"),
        *shlex.split(options),
    ]
    return subprocess.run(command, capture_output=True, text=True, check=False, timeout=LONG)


@pytest.mark.parametrize("driver", ["asyncpg", "psycopg"])
def test_it_measures(stage: Stage, tmp_path: Path, driver: str) -> None:
    done = run(stage, tmp_path, SLOW, driver)
    assert done.returncode == 0, done.stderr
    report = lab.read(tmp_path / "lab.json")
    assert report.driver == driver and not report.not_measured
    one, four = report.points
    assert (one.pool_size, four.pool_size) == (1, 4)
    assert (one.connects, four.connects) == (1, 4), (
        "an exact pool connects once for each place, and never again"
    )
    assert four.per_second > 1.5 * one.per_second, "a query that only waits gains from a second connection"
    assert one.waiting_ms > four.waiting_ms
    assert one.failed == four.failed == 0
    # Little: what is under way is what comes in a second, times how long it stays.
    for point in report.points:
        assert point.per_second * (point.waiting_ms + point.query_ms) / 1000 == pytest.approx(8, rel=0.5)
    assert (tmp_path / "lab.svg").read_text() == lab.draw(report)


def test_overflow_churns(stage: Stage, tmp_path: Path) -> None:
    """The same most: all of it pool, or nearly all of it overflow."""
    connects = {}
    for size, overflow in ((8, 0), (1, 7)):
        options = f"--seconds 1.5 --sizes {size} --overflow {overflow} --concurrency 12"
        assert run(stage, tmp_path, options).returncode == 0
        connects[overflow] = lab.read(tmp_path / "lab.json").points[0].connects
    assert connects[0] == 8 and connects[7] > 16, connects


def test_it_refuses_what_the_server_has_not(stage: Stage, tmp_path: Path) -> None:
    done = run(stage, tmp_path, "--seconds 0.1 --sizes 1,5000")
    assert "Not measured: pool size 5000: the server has" in done.stdout
    assert [point.pool_size for point in lab.read(tmp_path / "lab.json").points] == [1]


def test_it_does_not_write(stage: Stage, tmp_path: Path) -> None:
    url = stage.fresh("psycopg")
    with psycopg.connect(url.replace("+psycopg", "")) as connection:
        connection.execute("CREATE TABLE kept (id int)")
        connection.execute("INSERT INTO kept VALUES (1)")
    command = [sys.executable, str(LAB), "--url", url, "--out", str(tmp_path / "lab"), *QUICK.split()]
    done = subprocess.run(
        [*command, "--query", "DELETE FROM kept"], capture_output=True, text=True, check=False
    )
    assert "cannot execute DELETE in a read-only transaction" in done.stdout
    with psycopg.connect(url.replace("+psycopg", "")) as connection:
        assert connection.execute("SELECT count(*) FROM kept").fetchone() == (1,)


@pytest.mark.parametrize(
    "options, said",
    [
        ("--url sqlite+aiosqlite:///x.db", "SQLite has one writer"),
        ("--url postgresql+asyncpg://nobody@127.0.0.1:1/none --sizes 1", "Nothing was measured"),
        ("--url postgresql://x/y --sizes 0", "sizes from 1 on"),
        ("--url postgresql://x/y --seconds 100", "fewer seconds"),
    ],
)
def test_it_says_why_not(options: str, said: str, tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, str(LAB), *options.split()],
        capture_output=True,
        text=True,
        check=False,
        cwd=tmp_path,
    )
    assert done.returncode != 0 and said in done.stderr


@pytest.mark.parametrize(
    "inherited, sent",
    [
        pytest.param(signal.SIG_DFL, signal.SIGINT, id="ctrl-c"),
        pytest.param(signal.SIG_IGN, signal.SIGINT, id="ctrl-c-in-the-background"),
        pytest.param(signal.SIG_DFL, signal.SIGTERM, id="sigterm"),
    ],
)
def test_a_signal_leaves_nothing_behind(
    stage: Stage, tmp_path: Path, inherited: signal.Handlers, sent: signal.Signals
) -> None:
    url = stage.fresh("asyncpg")
    options = f"--out {tmp_path}/lab --sizes 2,3 --seconds 20"
    command = [sys.executable, str(LAB), "--url", url, *options.split()]
    with _interrupts(inherited):
        process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    with process, contextlib.ExitStack() as cleanup:
        cleanup.callback(process.kill)
        _until(lambda: _connections(url) == 2)  # It measures: before that it has one connection, or none.
        process.send_signal(sent)
        said, _ = process.communicate(timeout=LONG)
    assert process.returncode == 130
    assert "Not measured: the rest: interrupted" in said
    assert json.loads((tmp_path / "lab.json").read_text())["not_measured"]
    _until(lambda: _connections(url) == 0)


@contextlib.contextmanager
def _interrupts(disposition: signal.Handlers) -> Iterator[None]:
    """A process started meanwhile has this disposition of SIGINT, however the tests were started."""
    before = signal.signal(signal.SIGINT, disposition)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


def _until(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + LONG
    while not condition():
        assert time.monotonic() < deadline, "what was waited for did not happen"
        time.sleep(0.02)


def _connections(url: str) -> int:
    with psycopg.connect(url.replace("+asyncpg", "")) as connection:
        row = connection.execute(
            "SELECT count(*) FROM pg_stat_activity WHERE application_name = %s AND datname = current_database()",
            [lab.NAME],
        ).fetchone()
    assert row is not None
    return int(row[0])


@pytest.mark.parametrize("name", CHARTS)
def test_each_picture_is_of_its_data(name: str) -> None:
    report = lab.read(HERE.charts / f"{name}.json")
    assert len(report.points) > 2 and not report.not_measured
    assert (HERE.charts / f"{name}.svg").read_text() == lab.draw(report), (
        "run 'make charts', or 'python -m greenlit.proof.charts'"
    )
    assert os.sep not in report.machine


def test_the_comparison_of_the_drivers(stage: Stage, tmp_path: Path) -> None:
    url = stage.fresh("psycopg")
    command = [sys.executable, str(HERE.snippets / "lab" / "driver_bench.py"), "--url", url, "--rounds", "1"]
    done = subprocess.run(
        [*command, "--out", str(tmp_path / "b")], capture_output=True, text=True, check=True
    )
    assert done.stdout.count("of asyncpg's time") == len(driver_bench.TASKS)
    with psycopg.connect(url.replace("+psycopg", "")) as connection:  # It has put everything away.
        assert connection.execute("SELECT to_regclass('greenlit_bench')").fetchone() == (None,)
    recorded = json.loads((HERE.charts / f"{BENCH}.json").read_text())
    assert (HERE.charts / f"{BENCH}.svg").read_text() == driver_bench.draw(
        recorded["ratios"], recorded["note"]
    )
    assert list(recorded["ratios"]) == list(driver_bench.TASKS)
