"""The editor below a snippet, and the page of the playground."""

from __future__ import annotations

import json
import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Browser, Locator, expect

from greenlit.project import HERE
from greenlit.unmarked import unmarked
from tests.site.visit import EXAMPLE, STRICT, Visit, objections, refused

pytestmark = pytest.mark.usefixtures("fetched")

BREAKS, READ = (HERE.snippet(f"expiry/read_after_commit/{name}") for name in ("read_breaks", "read"))
RAISED = "sqlalchemy.exc.StatementError"


def opened(seen: Visit) -> Locator:
    seen.page.locator(".gl-breaks[data-run] .gl-try").first.click()
    panel = seen.page.locator(".gl-play")
    expect(panel.get_by_role("textbox")).to_have_value(unmarked(BREAKS.source))
    return panel


def has_ended(panel: Locator, error: str) -> None:
    # A machine with many browsers at work needs its time.
    expect(panel.get_by_role("status")).to_contain_text(error, timeout=120_000)


def test_run_it_and_change_it(visit: Callable[..., Visit]) -> None:
    seen = visit(EXAMPLE, **STRICT)
    assert not [url for url in seen.requests if "playground" in url], "a page loads nothing of it"
    panel = opened(seen)
    box = panel.get_by_role("textbox")
    assert not [url for url in seen.requests if "wasm" in url], (
        "what is large is fetched when it is asked for"
    )
    size = re.search(r"fetches ([\d.]+) MB, once", panel.locator(".gl-play-run").inner_text())
    assert size and 8 < float(size[1]) < 9
    panel.locator(".gl-play-run").click()
    has_ended(panel, f"Ended with {RAISED}")
    expect(panel.locator("[data-kind=error]")).to_contain_text("print(user.name)")
    expect(panel.locator("[data-kind=error]")).to_contain_text("greenlet_spawn has not been called")

    box.fill(
        BREAKS.source.replace(
            "async_sessionmaker(engine)", "async_sessionmaker(engine, expire_on_commit=False)"
        )
    )
    box.press("Control+Enter")
    has_ended(panel, "Ended without an error")
    expect(panel.locator("[data-kind=out]")).to_have_text("Ada Lovelace\n")
    ledger = panel.locator(".gl-play-ledger li").all_inner_texts()
    at = next(number for number, row in enumerate(ledger) if row.endswith("await session.commit()"))
    assert [row.split("\n")[-1] for row in ledger[at + 1 : at + 4]] == [
        "UPDATE users SET name=? WHERE users.id = ?",
        "COMMIT",
        "checkin",
    ]
    panel.get_by_role("button", name="Reset").click()
    expect(box).to_have_value(unmarked(BREAKS.source))
    panel.get_by_role("button", name="Show it with the fix").click()
    expect(box).to_have_value(unmarked(READ.source))
    expect(panel.get_by_role("button", name="Take the fix away")).to_be_visible()

    panel.get_by_role("button", name="Close").click()
    expect(panel).to_have_count(0)
    assert seen.page.evaluate("document.activeElement.className") == "gl-try"
    assert seen.objections() == []


def test_the_keys_of_the_editor(visit: Callable[..., Visit]) -> None:
    seen = visit(EXAMPLE)
    box = opened(seen).get_by_role("textbox")
    box.fill("")
    box.press_sequentially("if x:\ny")
    box.press("Tab")
    expect(box).to_have_value("if x:\n    y    ")
    box.press("Escape")
    box.press("Tab")
    expect(box).not_to_be_focused()
    seen.page.locator(".gl-play .gl-play-run").focus()
    seen.page.keyboard.press("Shift+Tab")
    expect(box).not_to_be_focused()


def test_axe_has_nothing_against_it(leaf: Callable[[str], Visit]) -> None:
    seen = leaf(EXAMPLE)
    opened(seen)
    assert objections(seen) == []


def test_a_link_has_the_code_in_it_and_does_not_run(visit: Callable[..., Visit]) -> None:
    code = "print('from a link: ü', 1 < 2)\n"
    seen = visit("playground/")
    expect(seen.page.locator(".gl-play textarea")).to_have_value(unmarked(BREAKS.source))
    letters = seen.page.evaluate(
        """async (code) => (await import("/assets/playground/play.mjs")).packed("expiry/mine", code)""", code
    )
    other = visit(f"playground/#run={letters}")
    expect(other.page.locator(".gl-play textarea")).to_have_value(code)
    expect(other.page.locator(".gl-play label")).to_have_text("mine.py")
    expect(other.page.get_by_role("status").last).to_have_text(
        "This code comes from a link. Read it before you run it."
    )
    assert not [url for url in other.requests if "wasm" in url or "worker" in url]
    assert other.objections() == []


@pytest.mark.parametrize(
    "letters", ["AAAA", "%3Cscript%3E", "x" * 5000, "bomb", "<img src=x onerror=alert(1)>"]
)
def test_a_hostile_link_is_refused(visit: Callable[..., Visit], letters: str) -> None:
    if letters == "bomb":
        seen = visit("playground/")
        letters = seen.page.evaluate(
            """async () => (await import("/assets/playground/play.mjs")).packed("a", "x".repeat(20_000_000))"""
        )
    seen = visit(f"playground/#run={letters}")
    expect(seen.page.locator(".gl-play textarea")).to_have_value(unmarked(BREAKS.source))
    assert seen.errors == []


def test_a_browser_that_cannot_run_it_is_told(visit: Callable[..., Visit], browser: Browser) -> None:
    seen = visit("playground/")
    seen.page.context.add_init_script("delete WebAssembly.Suspending")
    seen.page.reload()
    expect(seen.page.locator(".gl-play-note")).to_contain_text("Firefox from 153")
    expect(seen.page.locator(".gl-play-run")).to_be_disabled()


def test_what_is_not_loaded_is_said(visit: Callable[..., Visit]) -> None:
    seen = visit(EXAMPLE, answers={"**/play.mjs": refused})
    seen.page.locator(".gl-try").first.click()
    expect(seen.page.locator(".gl-try").first).to_have_text("Not loaded")

    seen = visit("playground/", answers={"**/*.wasm.gz": lambda route: route.fulfill(status=404)})
    seen.page.locator(".gl-play-run").click()
    expect(seen.page.get_by_role("status").last).to_contain_text("It could not be loaded", timeout=120_000)


def test_twins_are_known(visit: Callable[..., Visit], browser: Browser) -> None:
    text = (visit("playground/").site.folder / "assets" / "playground" / "play.mjs").read_text()
    match = re.search(r"const TWINS = (\{.*\});", text)
    assert match is not None
    assert json.loads(match[1])[BREAKS.name] == READ.name
