"""What axe cannot see: zoom, motion, the reader's own colours, the keyboard, and what a screen reader is told."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.site.visit import EXAMPLE, SETTLED, Visit

SIZING, ERROR, CLAIMS = (
    "guides/pool/sizing/",
    "guides/errors/stale_data/",
    "guides/errors/server_side_cursors/",
)
PLACES = ["", "doctor/", "guides/errors/", EXAMPLE, SIZING, ERROR, CLAIMS, "reference/ledger/"]

# Texts that lie outside the window or outside a box that hides what is too much, and that no scrolling brings there.
CUT = """() => {
    const found = [];
    const words = document.createTreeWalker(document.querySelector(".md-container"), NodeFilter.SHOW_TEXT);
    while (words.nextNode()) {
        const node = words.currentNode, element = node.parentElement;
        if (!node.data.trim() || !element.checkVisibility({ visibilityProperty: true, opacityProperty: true })) continue;
        if (element.closest(".md-ellipsis, svg, .md-sidebar, [inert], .gl-cards > thead")) continue;
        const range = document.createRange();
        range.selectNodeContents(node);
        const { right, left, width } = range.getBoundingClientRect();
        let edge = innerWidth;
        for (let box = element; box && edge === innerWidth; box = box.parentElement) {
            const { overflowX } = getComputedStyle(box);
            if (overflowX === "auto" || overflowX === "scroll") edge = Infinity;
            else if (overflowX !== "visible") edge = Math.min(edge, box.getBoundingClientRect().right);
        }
        if (width && (right > edge + 1 || left < -1)) found.push(node.data.trim().slice(0, 60));
    }
    return found;
}"""
SIDEWAYS = "document.documentElement.scrollWidth - innerWidth"


@pytest.mark.parametrize("path", PLACES)
def test_zoomed_to_200_and_400_percent_nothing_is_cut(visit: Callable[..., Visit], path: str) -> None:
    """Of a window of 1280 pixels."""
    page = visit(path, viewport={"width": 640, "height": 480}).page
    for width in (640, 320):
        page.set_viewport_size({"width": width, "height": width * 3 // 4})
        assert page.evaluate(SIDEWAYS) <= 0
        assert page.evaluate(CUT) == []


def test_whoever_wants_no_motion_has_none(visit: Callable[..., Visit]) -> None:
    def moved(motion: str) -> int:
        page = visit(EXAMPLE, reduced_motion=motion).page
        # Counted as they begin: by the time that anybody asks, they may be over.
        page.evaluate(
            "window.begun = 0; document.addEventListener('transitionrun', () => (begun += 1), true)"
        )
        page.locator("label[for=__palette_1]").click()
        page.locator(".gl-page").first.hover()
        page.wait_for_function(SETTLED, polling=100)
        return int(page.evaluate("begun + document.getAnimations().length"))

    assert moved("no-preference") > 0
    assert moved("reduce") == 0


DIFFERS = """(selector) => {
    const element = document.querySelector(selector), before = getComputedStyle(element, "::before");
    const after = getComputedStyle(element, "::after"), own = getComputedStyle(element);
    const ground = getComputedStyle(document.body).backgroundColor;
    return [own.borderLeftStyle !== "none", before.backgroundColor !== ground && before.content !== "none",
        after.backgroundColor !== ground && after.content !== "none", own.textDecorationLine !== "none"];
}"""
BORDER, BEFORE, AFTER, LINE = range(4)


@pytest.mark.parametrize(
    "path, selector, seen_by",
    [
        (EXAMPLE, ".gl-ledger > .gl-held", BEFORE),
        (EXAMPLE, ".gl-tabs > :checked + label", LINE),
        (EXAMPLE, ".gl-copy", AFTER),
        (EXAMPLE, ".gl-mark", BORDER),
        (EXAMPLE, ".gl-fix .gd", LINE),
        (SIZING, ".gl-bad", BORDER),
    ],
)
def test_in_the_readers_own_colours_a_background_is_not_all(
    visit: Callable[..., Visit], path: str, selector: str, seen_by: int
) -> None:
    page = visit(path, forced_colors="active").page
    page.locator(selector).first.wait_for(state="attached")
    assert page.evaluate(DIFFERS, selector)[seen_by]


def test_in_the_readers_own_colours_the_signs_of_a_fix_are_there(visit: Callable[..., Visit]) -> None:
    fix = visit(EXAMPLE, forced_colors="active").page.locator(".gl-fix")
    assert fix.locator(".gd .gl-sign").first.inner_text() == "-"
    assert fix.locator(".gi .gl-sign").first.inner_text() == "+"


FOCUSED = """() => {
    const { activeElement: at } = document;
    return at === document.body ? "" : [at.localName, at.type, at.className, at.id].join(" ");
}"""
MOST_STOPS = 80


def test_by_keyboard_alone_each_stop_can_be_seen(visit: Callable[..., Visit]) -> None:
    """Menus, the search, code, its copy button, the tabs: each looks otherwise while it has the focus."""
    page = visit(EXAMPLE, reduced_motion="reduce").page
    unseen, stops = [], []
    for _ in range(MOST_STOPS):
        page.keyboard.press("Tab")
        stops.append(page.evaluate(FOCUSED))
        if stops[-1].startswith("input radio") and "tab-" in stops[-1]:
            break
        # The page does not move between the two.
        focused = page.screenshot(animations="disabled", caret="hide")
        page.evaluate("window.at = document.activeElement; at.blur()")
        if page.screenshot(animations="disabled", caret="hide") == focused:
            unseen.append(stops[-1])
        page.evaluate("at.focus({ preventScroll: true, focusVisible: true })")
    assert "tab-" in stops[-1], stops
    assert any("gl-copy" in stop for stop in stops) and any("md-tabs__link" in stop for stop in stops)
    assert unseen == []


def test_by_keyboard_alone_tabs_search_and_copying_work(visit: Callable[..., Visit]) -> None:
    page = visit(EXAMPLE, permissions=["clipboard-read", "clipboard-write"]).page
    page.locator(".gl-tabs > input").first.focus()
    page.keyboard.press("ArrowRight")
    expect(page.locator(".gl-tabs > input").nth(1)).to_be_checked()
    page.locator(".gl .gl-copy").first.focus()
    page.keyboard.press("Enter")
    expect(page.locator(".gl-spoken")).to_contain_text("Copied")
    page.keyboard.press("/")
    page.keyboard.type("detached instance")
    page.locator(".md-search-result a").first.wait_for()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    page.wait_for_url(lambda url: EXAMPLE not in url)


def told(page: Page, selector: str) -> str:
    return page.locator(selector).first.aria_snapshot()


def test_what_a_screen_reader_is_told_of_a_ledger(visit: Callable[..., Visit]) -> None:
    """Each line of code, then what it did: its kind before it. No decoration of ours."""
    ledger = told(visit(EXAMPLE).page, ".gl-ledger")
    for kind, deed in (
        ("pool", "checkout"),
        ("txn", "BEGIN (implicit)"),
        ("sql", "SELECT users.id"),
        ("pool", "checkin"),
    ):
        assert f"  - listitem:\n    - text: {kind}\n    - code: {deed}" in ledger
    assert ledger.startswith("- list:\n  - listitem:\n    - code: user = await session.get_one(User, 1)\n")
    assert "    - text: raised\n" in ledger and "    - text: leaving\n" in ledger
    assert "↪" not in ledger


def test_what_a_screen_reader_is_told_of_a_fix(visit: Callable[..., Visit]) -> None:
    """What goes and what comes is said by its sign, and the names of both files stand before it."""
    fix = told(visit(EXAMPLE).page, ".gl-fix")
    assert "read_breaks.py → read.py" in fix
    assert "- session_factory = async_sessionmaker(engine) " in fix
    assert "+ session_factory = async_sessionmaker(engine, expire_on_commit=False)" in fix
    assert "↪" not in fix


def test_what_a_screen_reader_is_told_of_a_claim(visit: Callable[..., Visit]) -> None:
    """The sentence, then where it does not hold, then its proof."""
    claims = told(visit(CLAIMS).page, ".gl-claims")
    item = claims.split("- listitem:")[4]
    assert (
        item.index("in the middle of a stream")
        < item.index("strong: Not on aiosqlite")
        < item.index("group: How it is run")
    )
