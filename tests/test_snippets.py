"""Every snippet, on every driver that it claims."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from greenlit import Mistake
from greenlit.doctor.ask import assert_diagnosed
from greenlit.error_index import error_pages
from greenlit.project import HERE
from greenlit.proof.database import Stage
from greenlit.proof.prove import prove, update
from greenlit.proof.run import Rejected
from greenlit.proof.services import missing
from greenlit.record import write_whole

ALL = "all"
LONG = 500
"""Lines of a ledger. What is longer, nobody reviews."""
TWINS = {HERE.snippet(page.fix).twin: page.slug for page in error_pages(HERE) if page.fix}
"""The broken twins that error pages show: what they raise must lead the doctor to the page."""


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    updating = metafunc.config.getoption("update")
    cases = [
        pytest.param(name, driver, id=f"{name}-{driver}")
        for name in reversed(
            HERE.names()
        )  # The guide to the pool waits longest: the short ones fill the cores at the end.
        for driver in _drivers(name, updating)
    ]
    metafunc.parametrize("name, driver", cases)


def _drivers(name: str, updating: bool) -> list[str]:
    drivers = HERE.snippet(name).drivers
    return [ALL] if updating and drivers else drivers


def test_snippet(
    name: str, driver: str, stage: Stage, record_property: Callable[[str, object], None]
) -> None:
    snippet = HERE.snippet(name)
    lacking = missing(snippet.needs)
    if lacking:
        pytest.skip(f"{snippet.shown_path} {lacking}")
    try:
        if driver != ALL:
            seen = prove(snippet, driver, stage)
            if name in TWINS and seen.ending.error not in ("", "AssertionError"):
                assert_diagnosed(seen.ending.story, TWINS[name])
            return
        updated, record = update(snippet, stage)
    except (Rejected, Mistake) as rejected:
        raise pytest.fail.Exception(str(rejected), pytrace=False) from None  # Told once.
    before = _length(snippet.ledger_path)
    if updated.source != snippet.source:
        write_whole(snippet.path, updated.source)
    record.save(snippet)
    if _length(snippet.ledger_path) > max(before, LONG):
        shown, lines = HERE.shown(snippet.ledger_path), _length(snippet.ledger_path)
        record_property("remark", f"{shown} has {lines} lines now: move the loop out of the section")


def _length(ledger: Path) -> int:
    return ledger.read_text().count("\n") if ledger.is_file() else 0
