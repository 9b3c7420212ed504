"""Every snippet, on every driver that it claims."""

from __future__ import annotations

import os

import pytest

from greenlit.doctor.ask import assert_diagnosed
from greenlit.error_index import error_pages
from greenlit.project import HERE
from greenlit.proof.database import Stage
from greenlit.proof.prove import prove, record
from greenlit.proof.run import Rejected
from greenlit.proof.services import missing
from greenlit.record import write_whole

ALL = "all"
TWINS = {HERE.snippet(page.fix).twin: page.slug for page in error_pages(HERE) if page.fix}
"""The broken twins that error pages show: what they raise must lead the doctor to the page."""


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    recording = metafunc.config.getoption("record")
    cases = [
        pytest.param(name, driver, id=f"{name}-{driver}")
        for name in HERE.names()
        for driver in _drivers(name, recording)
    ]
    metafunc.parametrize("name, driver", cases)


def _drivers(name: str, recording: bool) -> list[str]:
    drivers = HERE.snippet(name).drivers
    return [ALL] if recording and drivers else drivers


def test_snippet(name: str, driver: str, stage: Stage) -> None:
    snippet = HERE.snippet(name)
    lacking = missing(snippet.needs)
    if lacking:
        # At a desk a part may be missing; where the docs are proven, it may not.
        (pytest.fail if "CI" in os.environ else pytest.skip)(f"{snippet.shown_path} {lacking}")
    try:
        if driver != ALL:
            seen = prove(snippet, driver, stage)
            if name in TWINS and seen.ending.error not in ("", "AssertionError"):
                assert_diagnosed(seen.ending.story, TWINS[name])
            return
        updated, ledger = record(snippet, stage)
    except Rejected as rejected:
        pytest.fail(str(rejected), pytrace=False)
    if updated.source != snippet.source:
        write_whole(snippet.path, updated.source)
    ledger.save(snippet)
