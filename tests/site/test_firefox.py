"""The same in Firefox: what a reader does most, each page under the published policy, and the site opened as files.

Each of the tests that are imported here gets Firefox for its browser. All of them: `BROWSER=firefox make test ONLY=tests/site`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser, Playwright, expect

from greenlit.site import browsers
from tests.site import test_playground
from tests.site.test_copying import page, snippet, test_the_code_and_nothing_else
from tests.site.test_doctor import test_the_doctor_answers_what_is_pasted, test_the_doctor_works_from_a_file
from tests.site.test_front import test_a_word_of_ours_is_explained
from tests.site.test_policy import test_all_of_it_works, test_what_is_injected_is_refused
from tests.site.test_reading import test_driver_and_release_line_are_kept_for_the_next_page
from tests.site.test_robust import (
    opened,
    test_as_files_the_calculator_tabs_and_colours_work,
    test_as_files_the_links_lead_to_pages,
)
from tests.site.test_search import (
    test_a_heading_is_a_link_of_its_own,
    test_a_page_that_is_opened_as_a_file_searches_too,
)
from tests.site.visit import EXAMPLE, PHONE, STRICT, Visit, objections

__all__ = [
    "opened",
    "page",
    "snippet",
    "test_a_heading_is_a_link_of_its_own",
    "test_a_page_that_is_opened_as_a_file_searches_too",
    "test_a_word_of_ours_is_explained",
    "test_all_of_it_works",
    "test_as_files_the_calculator_tabs_and_colours_work",
    "test_as_files_the_links_lead_to_pages",
    "test_driver_and_release_line_are_kept_for_the_next_page",
    "test_the_code_and_nothing_else",
    "test_the_doctor_answers_what_is_pasted",
    "test_the_doctor_works_from_a_file",
    "test_what_is_injected_is_refused",
]
PAGES = ["", EXAMPLE, "guides/errors/stale_data/", "doctor/", "guides/pool/sizing/", "playground/", "404.html"]


@pytest.fixture(scope="module")
def browser(playwright: Playwright) -> Iterator[Browser]:
    if missing := browsers.missing("firefox"):
        pytest.skip(missing)
    with browsers.launched(playwright, "firefox") as browser:
        yield browser


@pytest.mark.parametrize("path", PAGES)
def test_page(visit: Callable[..., Visit], path: str) -> None:
    """On a phone and on a desktop: no console error, no foreign request, no sideways scroll, nothing that axe objects to."""
    found = objections(visit(path, viewport=PHONE, **STRICT))
    assert not found, "\n".join(found)


def test_the_calculator_takes_what_makes_no_sense(visit: Callable[..., Visit]) -> None:
    seen = visit("guides/pool/sizing/", **STRICT)
    answer = seen.page.locator(".gl-calculator dl")
    expect(answer).to_contain_text("120 connections: 8 processes × 15")
    box = seen.page.get_by_label("Workers per machine")
    for typed in ("-1e9", "1e400", "0x10", "", "1"):
        box.press("Control+A")
        box.press("Delete")
        box.press_sequentially(typed)
    expect(answer).to_contain_text("30 connections: 2 processes × 15")
    assert seen.errors == []


@pytest.mark.usefixtures("fetched")
def test_a_twin_and_its_fix_run_on_the_page(visit: Callable[..., Visit]) -> None:
    test_playground.test_run_it_and_change_it(visit)
