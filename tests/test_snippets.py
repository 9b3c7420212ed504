"""Every snippet, on every driver that it claims."""

from __future__ import annotations

import os

import pytest
from pytest_examples import EvalExample

from greenlit.doctor.ask import assert_diagnosed
from greenlit.error_index import error_pages
from greenlit.project import HERE
from greenlit.proof.database import Stage
from greenlit.proof.prove import Rejected, prove, record
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


def test_snippet(name: str, driver: str, stage: Stage, eval_example: EvalExample) -> None:
    snippet = HERE.snippet(name)
    lacking = missing(snippet.needs)
    if lacking:
        # At a desk a part may be missing; where the docs are proven, it may not.
        (pytest.fail if "CI" in os.environ else pytest.skip)(f"{snippet.shown_path} {lacking}")
    try:
        if driver != ALL:
            seen = prove(snippet, driver, stage, eval_example)
            if name in TWINS and seen.error and not isinstance(seen.error, AssertionError):
                assert_diagnosed(seen.story, TWINS[name])
            return
        updated, ledger = record(snippet, stage, eval_example)
    except Rejected as rejected:
        raise pytest.fail.Exception(str(rejected), pytrace=False) from None  # Said once.
    if updated.source != snippet.source:
        write_whole(snippet.path, updated.source)
    ledger.save(snippet)
