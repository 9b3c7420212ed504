"""What a reader does on a page."""

from __future__ import annotations

from collections.abc import Callable

from playwright.sync_api import expect

from greenlit.project import HERE
from tests.site.visit import EXAMPLE, Visit


def test_tabs_choose_a_driver_for_all_snippets(visit: Callable[..., Visit]) -> None:
    page = visit(EXAMPLE).page
    first = page.locator(".gl > .gl-proof").first
    assert first.locator(".tabbed-block:visible").first.inner_text().count("StatementError") == 1
    first.locator(".tabbed-labels label", has_text="asyncpg").click()
    assert "sqlalchemy.exc.MissingGreenlet" in first.locator(".tabbed-block:visible").first.inner_text()
    last = page.locator(".gl > .gl-proof").last
    assert "$1::INTEGER" in last.locator(".tabbed-block:visible").first.inner_text()


def test_copy_button_copies_exactly_the_section(visit: Callable[..., Visit]) -> None:
    page = visit(EXAMPLE, permissions=["clipboard-read", "clipboard-write"]).page
    snippet = HERE.snippet("expiry/read_after_commit/read_breaks")
    shown = page.locator(".gl-breaks").first

    def copied(inside: str) -> str:
        shown.locator(f"{inside} .md-code__button[data-md-type=copy]").first.click()
        return str(page.evaluate("navigator.clipboard.readText()")).replace("\r\n", "\n")

    assert copied(".language-python").rstrip("\n") == snippet.section("read").text
    command = copied(".gl-run").strip()
    assert command == f"uv run {page.url.removesuffix(EXAMPLE)}{snippet.shown_path}"


def test_reads_without_javascript(visit: Callable[..., Visit]) -> None:
    page = visit(EXAMPLE, java_script_enabled=False).page
    first = page.locator(".gl > .gl-proof").first
    assert "greenlet_spawn has not been called" in first.locator(".tabbed-block:visible").first.inner_text()
    first.locator(".tabbed-labels label", has_text="psycopg").click()
    assert "%(pk_1)s" in first.locator(".tabbed-block:visible").first.inner_text()
    assert page.locator(".gl-fix .gi").first.is_visible()


def test_instant_navigation_keeps_the_page_and_the_tabs(visit: Callable[..., Visit]) -> None:
    page = visit(EXAMPLE).page
    page.evaluate("window.kept = true")
    page.locator(".md-nav--primary a[href$='detached/']").first.click()
    page.wait_for_url("**/detached/**")
    page.locator(".gl-ledger:visible").first.wait_for()
    assert page.evaluate("window.kept") is True
    # A script puts the copy buttons there: one that is visible proves that it ran on the new page.
    page.locator(".gl .md-code__button:visible").first.wait_for()


def test_the_calculator_answers(visit: Callable[..., Visit]) -> None:
    page = visit("guides/pool/sizing/").page
    answer = page.locator(".gl-calculator dl")
    expect(answer).to_contain_text("120 connections: 8 processes × 15")
    page.get_by_label("Workers per machine").fill("1")
    expect(answer).to_contain_text("30 connections: 2 processes × 15")
    page.get_by_label("Requests a second, in all").fill("100000")
    expect(answer).to_contain_text("without end")
