"""What a reader takes along: code, a whole file, a command, a link, the page."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, Route, expect

from greenlit.project import HERE
from greenlit.snippet import Snippet
from tests.site.visit import EXAMPLE, PHONE, Visit, refused

CLIPBOARD = ["clipboard-read", "clipboard-write"]
BROKEN = "code-read_breaks-read"


@pytest.fixture
def page(visit: Callable[..., Visit]) -> Page:
    return visit(EXAMPLE, permissions=CLIPBOARD).page


@pytest.fixture
def snippet() -> Snippet:
    return HERE.snippet("expiry/read_after_commit/read_breaks")


def copied(page: Page) -> str:
    page.get_by_role("status").get_by_text("Copied", exact=True).wait_for(state="attached")
    return str(page.evaluate("navigator.clipboard.readText()")).replace("\r\n", "\n")


def more(page: Page, name: str) -> None:
    page.locator(f"#{BROKEN} .gl-more").click()
    page.locator(f"#{BROKEN}").get_by_text(name, exact=True).click()


def test_the_code_and_nothing_else(page: Page, snippet: Snippet) -> None:
    page.locator(f"#{BROKEN} .filename > .gl-copy").click()
    assert copied(page) == snippet.section("read").text


def test_the_command(page: Page, snippet: Snippet) -> None:
    command = f"uv run {page.url.removesuffix(EXAMPLE)}{snippet.shown_path}"
    page.locator(f"#{BROKEN} .gl-run > .gl-copy").click()
    assert copied(page) == command


def test_the_command_of_a_file_whose_second_section_this_is(visit: Callable[..., Visit]) -> None:
    """The page shows the command once, below the first."""
    page = visit("guides/errors/stale_data/", permissions=CLIPBOARD).page
    bare = page.locator(".gl:not(:has(.gl-run)) .gl-more").first
    path = page.locator(".gl:not(:has(.gl-run)):has(.gl-more) .filename > a").first.inner_text()
    bare.click()
    page.get_by_text("Copy its command").click()
    assert copied(page).endswith(path)


def test_the_whole_file_runs_as_it_was_and_has_no_markers(page: Page, snippet: Snippet) -> None:
    more(page, "Copy the whole file")
    file = copied(page)
    assert "--8<--" not in file and file.startswith("# /// script\n")
    lines = [line for line in snippet.source.splitlines() if line.strip() and "--8<--" not in line]
    assert [line for line in file.splitlines() if line.strip()] == lines


def test_a_link_leads_back_to_the_code(page: Page) -> None:
    more(page, "Copy a link to this code")
    link = copied(page)
    other = page.context.new_page()
    other.goto(link)
    other.wait_for_function(
        """(name) => { const { top } = document.getElementById(name).getBoundingClientRect(); return top > 20 && top < 200; }""",
        arg=BROKEN,
    )


def test_the_other_twin_is_a_click_away(page: Page) -> None:
    more(page, "See the fix")
    assert page.url.endswith("#code-read-read")
    page.locator("#code-read-read .gl-more").click()
    assert page.get_by_text("See the twin that breaks").get_attribute("href") == f"#{BROKEN}"


def test_a_click_that_is_faster_than_its_script_is_kept(page: Page, snippet: Snippet) -> None:
    page.locator(f"#{BROKEN} .filename > .gl-copy").dispatch_event("click")
    assert copied(page) == snippet.section("read").text


def test_the_row_of_buttons_opens_and_closes_with_the_keyboard(page: Page) -> None:
    button = page.locator(f"#{BROKEN}").get_by_role("button", name="More to copy")
    button.focus()
    page.keyboard.press("Enter")
    expect(button).to_have_attribute("aria-expanded", "true")
    page.keyboard.press("Tab")
    expect(page.get_by_role("button", name="Copy the whole file")).to_be_focused()
    button.press("Enter")
    expect(page.get_by_role("button", name="Copy the whole file")).to_have_count(0)


def test_what_cannot_be_fetched_is_said(visit: Callable[..., Visit]) -> None:
    page = visit(EXAMPLE, answers={"**/*.py": refused}).page
    more(page, "Copy the whole file")
    expect(page.locator(f"#{BROKEN} .gl-copies")).to_contain_text("Not copied")


def test_an_address_without_tls_copies_too(visit: Callable[..., Visit], snippet: Snippet) -> None:
    page = visit("", permissions=CLIPBOARD).page
    page.add_init_script("Clipboard.prototype.write = undefined")
    page.goto(page.url + EXAMPLE)
    page.locator(f"#{BROKEN} .filename > .gl-copy").click()
    assert copied(page) == snippet.section("read").text


def test_the_page_as_markdown(visit: Callable[..., Visit]) -> None:
    def serve(route: Route) -> None:
        route.fulfill(body="# The page\n", content_type="text/markdown")

    page = visit(EXAMPLE, permissions=CLIPBOARD, answers={f"**/{EXAMPLE}index.md": serve}).page
    page.get_by_role("button", name="Copy this page as Markdown").click()
    assert copied(page) == "# The page\n"
    link = page.get_by_title("View this page as Markdown")
    assert link.evaluate("(link) => link.href") == f"{page.url}index.md"


CONTRAST = """(button) => {
  const light = (colour) => {
    const context = new OffscreenCanvas(1, 1).getContext("2d");
    context.fillStyle = colour;
    context.fillRect(0, 0, 1, 1);
    const parts = [...context.getImageData(0, 0, 1, 1).data].slice(0, 3).map((part) => part / 255);
    const [red, green, blue] = parts.map((part) => (part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4));
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue + 0.05;
  };
  const behind = getComputedStyle(button.closest(".filename, .gl-run")).backgroundColor;
  const [dark, bright] = [getComputedStyle(button).color, behind].map(light).sort();
  return bright / dark;
}"""


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("name", ["copy", "more", "run"])
def test_a_button_is_seen_and_covers_no_code(visit: Callable[..., Visit], scheme: str, name: str) -> None:
    page = visit(EXAMPLE, viewport=PHONE, color_scheme=scheme, has_touch=True).page
    place = {"copy": ".filename > .gl-copy", "more": ".gl-more", "run": ".gl-run > .gl-copy"}[name]
    button = page.locator(f"#{BROKEN} {place}")
    assert button.evaluate(CONTRAST) >= 3
    own = button.bounding_box()
    assert own and own["width"] >= 24 and own["height"] >= 24
    for code in page.locator(f"#{BROKEN} pre").all():
        box = code.bounding_box()
        if box:
            apart = (
                own["x"] >= box["x"] + box["width"]
                or own["y"] >= box["y"] + box["height"]
                or box["y"] >= own["y"] + own["height"]
            )
            assert apart, f"{place} lies over: {code.inner_text()[:40]}"
