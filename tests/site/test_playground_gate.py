"""Each snippet that a page offers to run in the browser does there what it does elsewhere, and what is recorded."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

from greenlit.gate import candidates, differences, judge, prepared, start
from greenlit.playground.agreed import agreed, without_a_ledger
from greenlit.project import HERE

pytestmark = pytest.mark.usefixtures("fetched")
SPREAD = 30


@pytest.fixture(scope="module")
def page(browser: Browser) -> Iterator[Page]:
    """With Python in its worker."""
    with (
        tempfile.TemporaryDirectory() as folder,
        prepared(HERE, Path(folder)) as url,
        browser.new_context() as context,
    ):
        start(page := context.new_page(), url)
        # A busy machine is slow. What does not end at all, fails anyway.
        page.evaluate("runner.longest = 60_000")
        yield page


def test_what_runs_in_a_browser_does_there_what_is_recorded(page: Page) -> None:
    """Some of them, spread over the list. All take minutes, and an idle machine: `python -m greenlit.gate check`."""
    assert differences(HERE, sorted(agreed())[::SPREAD], page) == []


def test_only_candidates_are_offered() -> None:
    assert agreed() - set(candidates(HERE)) == set()
    assert len(agreed()) > 500
    # A ledger is shown because it is right for nearly all of them.
    assert len(without_a_ledger()) < 0.05 * len(agreed())


def test_a_snippet_that_differs_is_found(page: Page) -> None:
    """One that says where it runs, one that ends otherwise there, and one that does not end."""
    names = [
        "errors/too_many_awaits/read_breaks",
        "lifecycle/sync_code/run_sync_breaks",
        "lifecycle/setup/echo",
    ]
    assert all(verdict.why for verdict in judge(HERE, names, page))
