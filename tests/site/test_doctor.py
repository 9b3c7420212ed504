"""The doctor in a browser."""

from __future__ import annotations

from collections.abc import Callable

from playwright.sync_api import Browser

from tests.site.visit import EXAMPLE, PHONE, Site, Visit, violations

STALE = """Traceback (most recent call last):
  File "C:\\app\\orders.py", line 12, in ship
    <img src=x onerror="window.hurt = true">
sqlalchemy.orm.exc.StaleDataError: UPDATE statement on table 'orders' expected to update 1 row(s); 0 were matched.
"""


def test_the_doctor_answers_what_is_pasted(visit: Callable[..., Visit]) -> None:
    seen = visit("doctor/", permissions=["clipboard-read", "clipboard-write"])
    page = seen.page
    assert not [url for url in seen.requests if "doctor.js" in url], "fetched before anybody asked"
    page.evaluate("text => navigator.clipboard.writeText(text)", STALE)
    page.get_by_role("textbox", name="Paste your traceback").click()
    page.keyboard.press("Control+V")
    first = page.locator(".gl-diagnoses > li").first
    assert (
        first.locator("a").get_attribute("href")
        == f"{page.url.removesuffix('doctor/')}guides/errors/stale_data/"
    )
    assert "expected to update 1 row(s)" in " ".join(first.locator("mark").all_inner_texts())
    assert first.locator(".gl-rows .gi").count() > 0  # the fix
    assert page.get_by_role("status").inner_text().startswith("One diagnosis")
    assert page.evaluate("window.hurt") is None and seen.errors == []
    assert violations(page) == []
    first.locator("a").click()
    page.wait_for_url("**/errors/stale_data/")


def test_the_doctor_admits_what_it_does_not_know(visit: Callable[..., Visit]) -> None:
    page = visit("", viewport=PHONE).page
    box = page.get_by_role("textbox", name="Paste your traceback")
    box.fill("KeyError: 'name'")
    page.locator(".gl-unknown:visible").wait_for()
    assert "I don't know this one" in page.get_by_role("status").inner_text()
    assert page.locator(".gl-diagnoses > li").count() == 0
    box.fill("")
    page.locator(".gl-unknown").wait_for(state="hidden")
    assert page.get_by_role("status").inner_text() == ""


def test_the_doctor_by_keyboard_after_instant_navigation(visit: Callable[..., Visit]) -> None:
    page = visit(EXAMPLE).page
    page.evaluate("window.kept = true")
    page.locator(".md-tabs__link", has_text="Errors").click()
    page.wait_for_url("**/guides/errors/")
    page.get_by_role("textbox", name="Paste your traceback").focus()
    page.keyboard.insert_text(STALE)
    page.locator(".gl-diagnoses a").first.wait_for()
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.closest('.gl-diagnoses') !== null")
    assert page.evaluate("window.kept") is True


def test_the_doctor_works_from_a_file(browser: Browser, site: Site) -> None:
    context = browser.new_context(offline=True)
    page = context.new_page()
    page.goto((site.folder / "doctor" / "index.html").as_uri())
    page.get_by_role("textbox", name="Paste your traceback").fill(STALE)
    link = page.locator(".gl-diagnoses a").first
    link.wait_for()
    link.click()
    page.wait_for_url("**/guides/errors/stale_data/index.html")
    assert "StaleDataError" in page.locator("h1").inner_text()
    context.close()


def test_ten_megabytes_do_not_hang_the_page(visit: Callable[..., Visit]) -> None:
    """A browser that lays out all of it takes some twenty times as long as to split it into lines."""
    page = visit("doctor/").page
    page.get_by_role("textbox", name="Paste your traceback").focus()
    page.wait_for_function("document.querySelector('.gl-doctor').dataset.armed !== undefined")
    paste, split = page.evaluate(
        """stale => {
            const text = "x\\n".repeat(2500000) + stale + "<b>\\n".repeat(1250000);
            const clipboardData = new DataTransfer();
            clipboardData.setData("text", text);
            const pasted = new ClipboardEvent("paste", { clipboardData, bubbles: true, cancelable: true });
            const took = (act) => {
                const begun = performance.now();
                act();
                document.body.getBoundingClientRect();
                return performance.now() - begun;
            };
            const paste = () => document.querySelector(".gl-doctor textarea").dispatchEvent(pasted);
            return [took(paste), took(() => text.split("\\n").map((line) => line.trim()).filter(Boolean))];
        }""",
        STALE,
    )
    assert paste < 15 * split, f"{paste:.0f} ms, where to split it into lines takes {split:.0f} ms"
    assert "stale_data" in (page.locator(".gl-diagnoses a").first.get_attribute("href") or "")
    assert "every one was read" in page.get_by_role("textbox", name="Paste your traceback").input_value()
