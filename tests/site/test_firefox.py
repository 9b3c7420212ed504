"""The same in Firefox: what a reader does most, pages under the published policy, the site opened as files, and a run.

Each of the tests that are imported here gets Firefox for its browser. All of them: `BROWSER=firefox make test ONLY=tests/site`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser, Playwright, expect

from greenlit.site import browsers
from tests.site.test_copying import page, snippet, test_the_code_and_nothing_else
from tests.site.test_doctor import test_the_doctor_answers_what_is_pasted
from tests.site.test_playground import RAISED, has_ended
from tests.site.test_playground import opened as opened_editor
from tests.site.test_policy import test_all_of_it_works, test_what_is_injected_is_refused
from tests.site.test_reading import test_driver_and_release_line_are_kept_for_the_next_page
from tests.site.test_robust import opened, test_as_files_the_calculator_tabs_and_colours_work
from tests.site.test_search import (
    test_a_heading_is_a_link_of_its_own,
    test_a_page_that_is_opened_as_a_file_searches_too,
)
from tests.site.visit import EXAMPLE, PHONE, STRICT, Visit

__all__ = [
    "opened",
    "page",
    "snippet",
    "test_a_heading_is_a_link_of_its_own",
    "test_a_page_that_is_opened_as_a_file_searches_too",
    "test_all_of_it_works",
    "test_as_files_the_calculator_tabs_and_colours_work",
    "test_driver_and_release_line_are_kept_for_the_next_page",
    "test_the_code_and_nothing_else",
    "test_the_doctor_answers_what_is_pasted",
    "test_what_is_injected_is_refused",
]
PAGES = ["", EXAMPLE, "guides/errors/stale_data/", "doctor/", "404.html"]


@pytest.fixture(scope="module")
def browser(playwright: Playwright) -> Iterator[Browser]:
    if missing := browsers.missing("firefox"):
        pytest.skip(missing)
    with browsers.launched(playwright, "firefox") as browser:
        yield browser


def complaints(seen: Visit) -> list[str]:
    """Of a page on a phone, and then on a desktop: a console error, a foreign request, sideways scroll."""
    on_a_phone = seen.complaints()
    seen.light()
    return on_a_phone + seen.complaints()


@pytest.mark.parametrize("path", PAGES)
def test_page(visit: Callable[..., Visit], path: str) -> None:
    assert complaints(visit(path, viewport=PHONE, **STRICT)) == []


def test_a_word_of_ours_is_explained(visit: Callable[..., Visit]) -> None:
    page = visit("guides/errors/stale_data/", viewport=PHONE).page
    meaning = page.locator(".gl-meaning").first
    page.get_by_role("button", name="ledger").first.click()
    expect(meaning).to_contain_text("What each line of the code above it did")
    box, width = meaning.bounding_box(), page.evaluate("document.documentElement.clientWidth")
    assert box is not None and box["x"] >= 0 and box["x"] + box["width"] < width + 1
    page.keyboard.press("Escape")
    expect(meaning).to_be_hidden()


def test_the_calculator_says_what_it_takes_a_number_for(visit: Callable[..., Visit]) -> None:
    seen = visit("guides/pool/sizing/", viewport=PHONE, **STRICT)
    form, box = seen.page.locator(".gl-calculator"), seen.page.get_by_label("Workers per machine")
    expect(form).to_contain_text("120 connections: 8 processes × 15")
    for typed, said in (
        ("-1", "Counts as 1."),
        ("1e9", "Counts as 1000."),
        ("1", "30 connections: 2 processes × 15"),
    ):
        box.press("Control+A")
        box.press_sequentially(typed)
        expect(form).to_contain_text(said)
    assert complaints(seen) == []


@pytest.mark.usefixtures("fetched")
def test_a_twin_and_its_fix_run_on_the_page(visit: Callable[..., Visit]) -> None:
    seen = visit(EXAMPLE, viewport=PHONE, **STRICT)
    panel = opened_editor(seen)
    panel.locator(".gl-play-run").click()
    has_ended(panel, f"Ended with {RAISED}")
    expect(panel.locator("[data-kind=error]")).to_contain_text("greenlet_spawn has not been called")
    panel.get_by_role("button", name="Show it with the fix").click()
    panel.locator(".gl-play-run").click()
    has_ended(panel, "Ended without an error")
    expect(panel.locator("[data-kind=out]")).to_have_text("Ada Lovelace\n")
    ledger = panel.locator(".gl-play-ledger li")
    expect(ledger.filter(has_text="await session.commit()")).to_have_count(1)
    expect(ledger.filter(has_text="UPDATE users SET name=? WHERE users.id = ?")).to_have_count(1)
    assert complaints(seen) == []
