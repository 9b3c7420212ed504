"""What a reader does on a page."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from tests.site.visit import EXAMPLE, PHONE, Site, Visit, page_urls

LEDGERS = ".gl > .gl-tabs"
SHOWN = f"{LEDGERS} .gl-ledger:visible"


def test_tabs_choose_a_driver_for_all_snippets(visit: Callable[..., Visit]) -> None:
    page = visit(EXAMPLE).page
    assert page.locator(SHOWN).first.inner_text().count("StatementError") == 1
    page.locator(LEDGERS).first.get_by_text("asyncpg", exact=True).click()
    assert "sqlalchemy.exc.MissingGreenlet" in page.locator(SHOWN).first.inner_text()
    assert "$1::INTEGER" in page.locator(SHOWN).last.inner_text()


def test_the_tab_that_was_clicked_stays_where_it_is(visit: Callable[..., Visit]) -> None:
    """Ledgers above it get longer and shorter."""
    page = visit(EXAMPLE).page
    label = page.locator(f"{LEDGERS} > label", has_text="psycopg").last
    label.scroll_into_view_if_needed()
    before = label.bounding_box()
    label.click()
    after = label.bounding_box()
    assert before and after and abs(before["y"] - after["y"]) < 2


def test_driver_and_release_line_are_kept_for_the_next_page(visit: Callable[..., Visit]) -> None:
    page = visit(EXAMPLE).page
    page.locator(LEDGERS).first.get_by_text("psycopg", exact=True).click()
    page.locator(f"{LEDGERS} .gl-tabs > label:visible", has_text="SQLAlchemy 2.0").first.click()
    page.goto(page.url.replace(EXAMPLE, "guides/expiry/expire_on_commit/"))
    expect(page.locator(f"{LEDGERS} > :checked + label").first).to_have_text("psycopg")
    chosen = page.locator(f"{LEDGERS} .gl-tabs:visible > :checked + label")
    expect(chosen.first).to_have_text("SQLAlchemy 2.0")


def test_tabs_are_for_the_keyboard_too(visit: Callable[..., Visit]) -> None:
    page = visit(EXAMPLE).page
    first = page.locator(LEDGERS).first
    first.get_by_role("radio", name="aiosqlite").focus()
    page.keyboard.press("ArrowRight")
    expect(first.get_by_role("radio", name="asyncpg")).to_be_checked()
    assert "sqlalchemy.exc.MissingGreenlet" in page.locator(SHOWN).first.inner_text()


def test_each_ledger_links_to_its_legend(visit: Callable[..., Visit]) -> None:
    page = visit(EXAMPLE).page
    links = page.locator(".gl-foot a")
    assert links.count() == page.locator(LEDGERS).count()
    links.first.click()
    page.locator(".gl-legend").first.wait_for()  # The address changes before the page does.
    assert page.url.endswith("/reading/")
    numbers = page.evaluate(
        """[...document.querySelectorAll(".gl-legend .gl *")].filter(
             (part) => part.checkVisibility() && getComputedStyle(part, "::after").content.startsWith("counter"))
             .map((part) => part.textContent.trim())"""
    )
    parts = page.locator("article > ol > li").all_inner_texts()
    assert len(numbers) == len(parts) == 8
    for number, part in ((4, "checkout"), (6, "SELECT"), (7, "raised"), (8, "leaving")):
        assert part in numbers[number - 1] and (part in parts[number - 1] or part == "SELECT")


def test_reads_without_javascript(visit: Callable[..., Visit]) -> None:
    page = visit(EXAMPLE, java_script_enabled=False).page
    assert "greenlet_spawn has not been called" in page.locator(SHOWN).first.inner_text()
    page.locator(LEDGERS).first.get_by_text("psycopg", exact=True).click()
    assert "%(pk_1)s" in page.locator(SHOWN).first.inner_text()
    assert page.locator(".gl-fix .gi").first.is_visible()
    assert page.locator(".gl-copy:visible, .gl-more:visible, .gl-page:visible").count() == 0
    assert page.locator(".gl .filename > a").first.is_visible()


def test_instant_navigation_keeps_the_page_and_the_tabs(visit: Callable[..., Visit]) -> None:
    page = visit(EXAMPLE).page
    page.evaluate("window.kept = true")
    page.locator(LEDGERS).first.get_by_text("psycopg", exact=True).click()
    page.locator(".md-nav--primary a[href$='detached/']").first.click()
    page.wait_for_url("**/detached/**")
    expect(page.locator(f"{LEDGERS} > :checked + label").first).to_have_text("psycopg")
    assert page.evaluate("window.kept") is True


LONG = "guides/expiry/refresh_expire_merge/"
MOST_ELEMENTS = 5_500
"""On one page: a slow phone takes as long to begin as there are elements."""


def test_no_page_has_too_many_elements(site: Site) -> None:
    longest = max(page_urls(), key=lambda url: site.html(url).count("</"))
    found = len(re.findall("<[a-z]", site.html(longest)))
    print(f"\nmost elements: {found} on {longest}")
    assert found <= MOST_ELEMENTS


def test_what_is_far_away_is_left_for_later_and_still_found(visit: Callable[..., Visit]) -> None:
    page = visit(LONG, viewport=PHONE).page
    far = "document.querySelectorAll('.gl')[20].firstElementChild.checkVisibility({contentVisibilityAuto: true})"
    assert page.evaluate(far) is False
    words = page.evaluate(
        "[...document.querySelectorAll('.gl pre code')].at(-1).textContent.trim().split('\\n')[0]"
    )
    assert page.evaluate("(words) => window.find(words)", words)


@pytest.mark.parametrize("target", [".gl[id]", "article h2[id]"])
def test_an_anchor_far_down_leads_to_its_place(visit: Callable[..., Visit], target: str) -> None:
    name = visit(LONG).page.locator(target).last.get_attribute("id")
    page = visit(f"{LONG}#{name}").page
    page.wait_for_function(
        """(name) => { const { top } = document.getElementById(name).getBoundingClientRect(); return top > 20 && top < innerHeight - 20; }""",
        arg=name,
    )


WIDE = "guides/expiry/"


def test_on_a_phone_a_row_is_a_card_and_still_a_row(visit: Callable[..., Visit]) -> None:
    page = visit(WIDE, viewport=PHONE).page
    table = page.get_by_role("table").first
    assert page.locator(".gl-table").first.evaluate("(box) => box.scrollWidth <= box.clientWidth")
    assert table.get_by_role("columnheader").count() == 6
    row = table.get_by_role("row").nth(1)
    cell = row.get_by_role("cell").nth(1)
    assert row.get_by_role("cell").first.inner_text() == "load" and cell.inner_text() == "stale"
    assert cell.evaluate("(cell) => getComputedStyle(cell, '::before').content").startswith('"loaded"')
    below = row.get_by_role("cell").nth(2).bounding_box()
    above = cell.bounding_box()
    assert above and below and below["y"] > above["y"] + above["height"] / 2


def test_the_first_column_of_a_wide_table_stays(visit: Callable[..., Visit]) -> None:
    page = visit(WIDE).page
    box = page.locator(".gl-table").first
    box.evaluate("(box) => { box.style.width = '20rem'; box.scrollLeft = 200; }")
    left = box.evaluate("(box) => box.getBoundingClientRect().left")
    cell = page.get_by_role("table").first.get_by_role("cell").first.bounding_box()
    assert cell and abs(cell["x"] - left) < 3


def test_paper_has_all_of_a_table_and_nothing_to_click(visit: Callable[..., Visit]) -> None:
    page = visit(
        WIDE, viewport={"width": 718, "height": 1000}, color_scheme="dark"
    ).page  # A4 between its margins
    page.emulate_media(media="print")
    page.evaluate("dispatchEvent(new Event('beforeprint'))")
    assert page.locator("body").get_attribute("data-md-color-scheme") == "default"
    for table in page.locator(".gl-table > table").all():
        assert table.evaluate("(table) => table.getBoundingClientRect().right <= innerWidth")
    assert (
        page.locator(".gl-copy:visible, .gl-more:visible, .gl-page:visible, .md-header:visible").count() == 0
    )
    page.evaluate("dispatchEvent(new Event('afterprint'))")
    assert page.locator("body").get_attribute("data-md-color-scheme") == "slate"


def test_what_the_runs_were_made_on_stands_once(visit: Callable[..., Visit]) -> None:
    text = visit(EXAMPLE).page.locator("article").inner_text()
    assert (
        text.count("The ledgers of this page were run on Python 3") == 1
        and text.count("SQLAlchemy 2.1.") <= 2
    )


def test_the_proof_says_first_what_it_is(visit: Callable[..., Visit]) -> None:
    page = visit("proof/", viewport=PHONE).page
    headings = page.locator("article h2").all_inner_texts()
    assert headings[0].startswith("What the proof is")
    height = page.locator("article").evaluate("(article) => article.getBoundingClientRect().height")
    assert height < 9_000
    page.get_by_text("Run on asyncpg and psycopg only").click()
    expect(page.get_by_text("SQLite has no row locks.")).to_be_visible()


def test_the_calculator_answers(visit: Callable[..., Visit]) -> None:
    page = visit("guides/pool/sizing/").page
    answer = page.locator(".gl-calculator dl")
    expect(answer).to_contain_text("120 connections: 8 processes × 15")
    page.get_by_label("Workers per machine").fill("1")
    expect(answer).to_contain_text("30 connections: 2 processes × 15")
    page.get_by_label("Requests a second, in all").fill("100000")
    expect(answer).to_contain_text("without end")
