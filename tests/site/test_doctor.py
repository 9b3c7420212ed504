"""The doctor in a browser."""

from __future__ import annotations

from collections.abc import Callable

from playwright.sync_api import Browser, Page

from tests.site.visit import EXAMPLE, PHONE, SLOWEST, Site, Visit, refused, violations

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
    assert page.locator(".gl-doctor [role=status]").inner_text().startswith("One diagnosis")
    assert page.evaluate("window.hurt") is None and seen.errors == []
    assert violations(page) == []
    first.locator("a").click()
    page.wait_for_url("**/errors/stale_data/")


def test_the_doctor_admits_what_it_does_not_know(visit: Callable[..., Visit]) -> None:
    page = visit("", viewport=PHONE).page
    box = page.get_by_role("textbox", name="Paste your traceback")
    box.fill("KeyError: 'name'")
    page.locator(".gl-unknown:visible").wait_for()
    assert "I don't know this one" in page.locator(".gl-doctor [role=status]").inner_text()
    assert page.locator(".gl-diagnoses > li").count() == 0
    box.fill("")
    page.locator(".gl-unknown").wait_for(state="hidden")
    assert page.locator(".gl-doctor [role=status]").inner_text() == ""


def test_the_doctor_by_keyboard_after_instant_navigation(visit: Callable[..., Visit]) -> None:
    page = visit(EXAMPLE).page
    page.evaluate("window.kept = true")
    page.locator(".md-tabs__link", has_text="Errors").click()
    page.wait_for_url("**/guides/errors/")
    page.get_by_role("textbox", name="Paste your traceback").focus()
    page.keyboard.insert_text(STALE)
    page.locator(".gl-diagnoses a").first.wait_for()
    for _ in range(3):  # By the example and the file.
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


BOX = "Paste your traceback"
FIRST = ".gl-diagnoses a"
PASTE = """text => {
    const clipboardData = new DataTransfer();
    clipboardData.setData("text", text);
    const pasted = new ClipboardEvent("paste", { clipboardData, bubbles: true, cancelable: true });
    document.querySelector(".gl-doctor textarea").dispatchEvent(pasted);
}"""


def opened(visit: Callable[..., Visit], path: str = "doctor/") -> Page:
    page = visit(path).page
    page.get_by_role("textbox", name=BOX).focus()
    page.wait_for_function("() => document.querySelector('.gl-doctor').dataset.armed !== undefined")
    return page


def test_ten_megabytes_are_all_read_and_the_page_goes_on(visit: Callable[..., Visit]) -> None:
    """The page shows at once that it was taken, in less time than one pass over the text, and reads it then."""
    page = opened(visit)
    took, one_pass = page.evaluate(
        """stale => {
            const text = "x\\n".repeat(2500000) + stale + "<b>\\n".repeat(1250000);
            const took = (act) => {
                const begun = performance.now();
                act();
                document.body.getBoundingClientRect();
                return performance.now() - begun;
            };
            const paste = PASTE;
            return [took(() => paste(text)), took(() => text.split("\\n").map((line) => line.trim()).filter(Boolean))];
        }""".replace("PASTE", PASTE),
        STALE,
    )
    page.locator(FIRST).first.wait_for(timeout=SLOWEST)
    assert "stale_data" in (page.locator(FIRST).first.get_attribute("href") or "")
    assert "every one is read" in page.get_by_role("textbox", name=BOX).input_value()
    assert took < one_pass, f"{took:.0f} ms at once, where to split it into lines takes {one_pass:.0f} ms"


def test_a_long_text_survives_the_next_key(visit: Callable[..., Visit]) -> None:
    page = opened(visit)
    page.evaluate(PASTE, "x\n" * 15000 + STALE)
    page.locator(FIRST).first.wait_for()
    page.get_by_role("textbox", name=BOX).press("End")
    page.keyboard.insert_text(" ")
    page.wait_for_timeout(
        200
    )  # Longer than it waits for the next key: an answer without the text would be there.
    assert "stale_data" in (page.locator(FIRST).first.get_attribute("href") or "")


def test_a_text_is_there_again_on_the_way_back(visit: Callable[..., Visit]) -> None:
    page = opened(visit)
    page.get_by_role("textbox", name=BOX).fill(STALE)
    page.locator(FIRST).first.click()
    page.wait_for_url("**/errors/stale_data/")
    page.go_back()
    page.wait_for_url("**/doctor/")
    page.get_by_role("textbox", name=BOX).focus()
    page.locator(FIRST).first.wait_for()
    assert "StaleDataError" in page.get_by_role("textbox", name=BOX).input_value()


def test_a_log_file_and_an_example(visit: Callable[..., Visit]) -> None:
    page = opened(visit)
    page.get_by_role("button", name="Try an example").click()
    page.locator(FIRST).first.wait_for()
    log = {"name": "app.log", "mimeType": "text/plain", "buffer": STALE.encode()}
    page.locator(".gl-doctor input[type=file]").set_input_files(log)  # type: ignore[arg-type]
    page.locator(f"{FIRST}[href$='stale_data/']").first.wait_for()


def test_hostile_text_is_shown_as_escapes(visit: Callable[..., Visit]) -> None:
    page = opened(visit)
    page.evaluate(PASTE, f"\u202e{'a' + chr(0x301) * 200000}\n\u202e{STALE.splitlines()[-1]} \u202e")
    page.locator(FIRST).first.wait_for()
    why = page.locator(".gl-why").first.inner_text()
    assert "\\u202e" in why and "\u202e" not in why
    assert page.get_by_role("textbox", name=BOX).input_value().count(chr(0x301)) <= 3


def test_where_it_cannot_be_loaded_the_page_says_so(visit: Callable[..., Visit]) -> None:
    seen = visit("doctor/", answers={"**/doctor.js": refused})
    seen.page.get_by_role("textbox", name=BOX).focus()
    seen.page.get_by_text("doctor.js was not loaded").wait_for()


def test_on_a_phone_the_answer_comes_into_view(visit: Callable[..., Visit]) -> None:
    page = visit("doctor/", viewport=PHONE).page
    page.get_by_role("textbox", name=BOX).focus()
    page.wait_for_function("() => document.querySelector('.gl-doctor').dataset.armed !== undefined")
    page.evaluate(PASTE, "x\n" * 15000 + STALE)
    page.locator(FIRST).first.wait_for()
    page.wait_for_function(
        "(() => { const { top } = document.querySelector('.gl-doctor [role=status]').getBoundingClientRect(); return top >= 0 && top < innerHeight * 0.8; })()"
    )


def test_a_reader_is_asked_for_more_where_little_is_said(visit: Callable[..., Visit]) -> None:
    page = opened(visit)
    box, status = page.get_by_role("textbox", name=BOX), page.locator(".gl-doctor [role=status]")
    box.fill("ExceptionGroup: unhandled errors in a TaskGroup (1 sub-exception)")
    status.get_by_text("outer line of a group").wait_for()
    box.fill("sqlalchemy.orm.exc.DetachedInstanceError")
    page.locator(FIRST).first.wait_for()
    box.fill("GreenletError in my FastAPI application")
    status.get_by_text("If it comes from SQLAlchemy").wait_for()
    box.fill(f'  File "/app/orders.py", line 3, in ship\n    await ship()\n{STALE.splitlines()[-1]}')
    page.locator(".gl-yours").first.wait_for()
    assert "await ship()" in page.locator(".gl-yours").first.inner_text()
