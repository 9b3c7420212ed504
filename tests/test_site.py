"""The built site: what it asks of other hosts, what it weighs, and how it behaves in a real browser."""

from __future__ import annotations

import functools
import gzip
import http.server
import json
import os
import re
import shutil
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser
from pathlib import Path
from typing import Any, Literal
from urllib.parse import urlsplit

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import (
    Browser,
    BrowserContext,
    ConsoleMessage,
    ViewportSize,
    expect,
    sync_playwright,
)

from greenlit.project import HERE

# One build, one server and one browser a worker; of the many pages each worker takes a part.
pytestmark = pytest.mark.xdist_group("site")
PARTS = 2

EXAMPLE = "guides/expiry/read_after_commit/"
DESKTOP, PHONE = ViewportSize(width=1300, height=900), ViewportSize(width=360, height=780)
CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
HEAVIEST, MOST_REQUESTS = 90_000, 12


def page_urls() -> list[str]:
    """The address of every page, relative to the site's."""
    urls = []
    for path in HERE.pages():
        relative = path.relative_to(HERE.docs)
        urls.append(re.sub(r"(?:^|(?<=/))index$|$", "", relative.with_suffix("").as_posix()))
    return [url if not url or url.endswith("/") else f"{url}/" for url in urls]


@dataclass
class Site:
    folder: Path
    url: str
    asked: list[str] = field(default_factory=list)

    def html(self, page: str) -> str:
        return (self.folder / page / "index.html").read_text()


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    folder = tmp_path_factory.mktemp("site")

    class Quiet(http.server.SimpleHTTPRequestHandler):
        def log_message(self, *_: object) -> None:
            pass

    handler = functools.partial(Quiet, directory=str(folder))
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    url = f"http://127.0.0.1:{server.server_port}/"
    command = [sys.executable, "-m", "mkdocs", "build", "--strict", "--site-dir", str(folder)]
    done = subprocess.run(
        command,
        cwd=HERE.root,
        env={**os.environ, "SITE_URL": url},
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        pytest.fail(f"the strict build failed:\n{done.stdout}{done.stderr}", pytrace=False)
    yield Site(folder, url)
    server.shutdown()


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    if CHROMIUM is None:
        why = "no Chromium on PATH: install it ('apt-get install chromium') to run the browser tests"
        if os.environ.get("CI"):
            pytest.fail(why, pytrace=False)
        pytest.skip(why)
    arguments = (
        "--no-sandbox --disable-gpu --disable-quic --no-first-run "
        "--disable-background-networking --disable-component-update --disable-sync"
    )
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=arguments.split())
        yield browser
        browser.close()


class Visit:
    """A page in a browser, and all that it complained of or asked for."""

    def __init__(self, context: BrowserContext, site: Site) -> None:
        self.site, self.page = site, context.new_page()
        self.errors: list[str] = []
        self.requests: list[str] = []
        self.page.on("console", self._said)
        self.page.on("pageerror", lambda error: self.errors.append(str(error)))
        self.page.on("request", lambda request: self.requests.append(request.url))

    def go(self, path: str) -> Visit:
        self.errors.clear()
        self.requests.clear()
        self.page.goto(self.site.url + path)
        self.page.wait_for_timeout(100)  # What a script fetches once it runs, it asks for by then.
        return self

    def _said(self, message: ConsoleMessage) -> None:
        if message.type == "error":
            self.errors.append(message.text)


@pytest.fixture
def visit(browser: Browser, site: Site) -> Iterator[Callable[..., Visit]]:
    contexts: list[BrowserContext] = []

    def visit(path: str, **options: Any) -> Visit:
        contexts.append(browser.new_context(**{"viewport": DESKTOP, **options}))
        return Visit(contexts[-1], site).go(path)

    yield visit
    for context in contexts:
        context.close()


@pytest.fixture(scope="module")
def leaf(browser: Browser, site: Site) -> Iterator[Callable[..., Visit]]:
    """Goes from page to page in one tab: a new one for each takes half as long again."""
    tabs: dict[str, Visit] = {}

    def leaf(path: str, scheme: Literal["light", "dark"], viewport: ViewportSize) -> Visit:
        if scheme not in tabs:
            tabs[scheme] = Visit(browser.new_context(color_scheme=scheme, viewport=viewport), site)
        return tabs[scheme].go(path)

    yield leaf
    for tab in tabs.values():
        tab.page.context.close()


# In any page ----------------------------------------------------------------------------------


# Thousands of coloured words look like a few dozen: axe would take ten seconds for a page to judge all of them.
EACH_TOKEN_ONCE = """() => {
    const kept = new Set()
    const again = [...document.querySelectorAll(".highlight span")].filter((token) => {
        if (token.id) return false
        let looks = ""
        for (let element = token; element; element = element.parentElement) looks += `${element.className} < `
        if (kept.has(looks) || !token.checkVisibility()) return true
        kept.add(looks)
    })
    document.body.hidden = true
    for (const token of again) token.replaceWith(...token.childNodes)
    document.body.hidden = false
}"""


@pytest.mark.parametrize(
    "path",
    [
        pytest.param(url, marks=pytest.mark.xdist_group(f"pages-{number % PARTS}"))
        for number, url in enumerate(page_urls())
    ],
)
@pytest.mark.parametrize(
    "scheme, viewport", [("light", DESKTOP), ("dark", PHONE)], ids=["light", "dark-phone"]
)
def test_page(
    leaf: Callable[..., Visit],
    site: Site,
    path: str,
    scheme: Literal["light", "dark"],
    viewport: ViewportSize,
) -> None:
    """No console error, no foreign request, no sideways scroll, nothing that axe objects to."""
    seen = leaf(path, scheme, viewport)
    assert seen.errors == []
    assert [url for url in seen.requests if not url.startswith((site.url, "data:"))] == []
    width = seen.page.evaluate("document.documentElement.scrollWidth")
    assert width <= viewport["width"], f"scrolls sideways: {width} px wide"
    seen.page.evaluate(EACH_TOKEN_ONCE)
    found = Axe().run(seen.page).response["violations"]
    told = [f"{v['id']}: {[n['html'][:160] for n in v['nodes'][:3]]}" for v in found]
    assert not told, "\n".join(told)


class Assets(HTMLParser):
    def __init__(self, page: str) -> None:
        super().__init__()
        self.foreign: list[str] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        loads = {"script": "src", "img": "src", "iframe": "src", "source": "src", "link": "href"}
        url = given.get(loads.get(tag, ""), "") or ""
        if tag == "link" and given.get("rel") in ("canonical", "prev", "next", "alternate"):
            return
        if urlsplit(url).netloc:
            self.foreign.append(url)


def test_nothing_points_at_the_assets_of_another_host(site: Site) -> None:
    foreign = {
        f"{path.relative_to(site.folder)}: {url}"
        for path in site.folder.rglob("*.html")
        for url in Assets(path.read_text()).foreign
        if not url.startswith(site.url)
    }
    assert not foreign
    styles = "".join(path.read_text() for path in site.folder.rglob("*.css"))
    assert not re.findall(r"url\(['\"]?https?://[^)]+", styles)


def test_every_snippet_is_published(site: Site) -> None:
    published = {path.name for path in (site.folder / "snippets").rglob("*.py")}
    assert {path.name for path in HERE.snippets.rglob("*.py")} <= published


def weight(seen: Visit) -> tuple[int, int]:
    """Bytes on the wire, if the server compresses text as servers do, and the number of requests."""
    total, count = 0, 0
    for url in dict.fromkeys(seen.requests):
        if url.startswith("http"):
            body = seen.page.request.get(url).body()
            packed = gzip.compress(body, 6)
            total, count = total + min(len(body), len(packed)), count + 1
    return total, count


def test_weight(visit: Callable[..., Visit], site: Site) -> None:
    """The heaviest page of all stays below the limit, fonts and scripts included."""
    heaviest = max(page_urls(), key=lambda url: len(gzip.compress(site.html(url).encode(), 6)))
    total, requests = weight(visit(heaviest))
    snippets = site.html(heaviest).count('class="gl"') + site.html(heaviest).count('class="gl gl-breaks"')
    print(f"\nheaviest page: {heaviest} with {snippets} snippets: {total} bytes gzipped, {requests} requests")
    assert total <= HEAVIEST and requests <= MOST_REQUESTS


# What a reader does ---------------------------------------------------------------------------


def test_tabs_choose_a_driver_for_all_snippets(visit: Callable[..., Visit]) -> None:
    page = visit(EXAMPLE).page
    first = page.locator(".gl-proof").first
    assert first.locator(".tabbed-block:visible").inner_text().count("StatementError") == 1
    first.locator(".tabbed-labels label", has_text="asyncpg").click()
    assert "sqlalchemy.exc.MissingGreenlet" in first.locator(".tabbed-block:visible").inner_text()
    last = page.locator(".gl-proof").last
    assert "$1::INTEGER" in last.locator(".tabbed-block:visible").inner_text()


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
    first = page.locator(".gl-proof").first
    assert "greenlet_spawn has not been called" in first.locator(".tabbed-block:visible").inner_text()
    first.locator(".tabbed-labels label", has_text="psycopg").click()
    assert "%(pk_1)s" in first.locator(".tabbed-block:visible").inner_text()
    assert page.locator(".gl-fix .gi").first.is_visible()


def test_search_waits_until_it_is_wanted_and_then_works(visit: Callable[..., Visit]) -> None:
    seen = visit(EXAMPLE)
    wanted = [url for url in seen.requests if "search" in url and not url.endswith("search_on_demand.js")]
    assert wanted == []
    box = seen.page.locator("[data-md-component=search-query]")
    box.click()
    box.press_sequentially("MissingGreenlet commit")
    seen.page.locator(".md-search-result__item").first.wait_for()
    assert "MissingGreenlet" in seen.page.locator(".md-search-result__item").first.inner_text()
    assert seen.errors == []


# As people type or paste them: a half of the message, its quotes and numbers, other names than ours.
SEARCHED = {
    "greenlet_spawn has not been called": "missing_greenlet_lazy_relationship",
    "can't call await_only() here. Was IO attempted in an unexpected place?": "missing_greenlet",
    "DetachedInstanceError: Parent instance <User at 0x7f3c> is not bound to a Session; lazy load operation of "
    "attribute 'orders' cannot proceed": "detached_serialization",
    "is not bound to a Session; attribute refresh operation cannot proceed": "detached_expired",
    "'customer.orders' is not available due to lazy='raise'": "lazy_raise",
    "got Future <Future pending> attached to a different loop": "event_loop_mismatch",
    "RuntimeError: Event loop is closed": "event_loop_closed",
    "ScopeMismatch: You tried to access the function scoped fixture": "scope_mismatch",
    "asyncio.run() cannot be called from a running event loop": "alembic_running_loop",
    'type "order_status" already exists': "alembic_enum_exists",
    "QueuePool limit of size 20 overflow 0 reached, connection timed out, timeout 5.00": "queuepool_limit_reached",
    "sorry, too many clients already": "too_many_connections",
    "remaining connection slots are reserved for roles with the SUPERUSER attribute": "too_many_connections",
    "cannot perform operation: another operation is in progress": "another_operation_in_progress",
    "This session is provisioning a new connection; concurrent operations are not permitted": "session_provisioning",
    "Can't reconnect until invalid transaction is rolled back": "pending_rollback_disconnect",
    "This Session's transaction has been rolled back due to a previous exception during flush": "pending_rollback_flush",
    "A transaction is already begun on this Session.": "transaction_already_begun",
    "current transaction is aborted, commands ignored until end of transaction block": "in_failed_transaction",
    'prepared statement "__asyncpg_stmt_7__" does not exist': "pgbouncer_prepared_statement_asyncpg",
    'prepared statement "_pg3_3" already exists': "pgbouncer_prepared_statement_psycopg",
    "cached statement plan is invalid due to a database schema": "invalid_cached_statement",
    "can't subtract offset-naive and offset-aware datetimes": "naive_aware_datetime",
    "invalid input for query argument $1: '5' ('str' object cannot be interpreted as an integer)": "driver_strict_types",
    "cannot insert multiple commands into a prepared statement": "asyncpg_multiple_commands",
    "connect() got an unexpected keyword argument 'sslmode'": "asyncpg_sslmode",
    "the asyncio extension requires an async driver to be used. The loaded 'psycopg2' is not async": "async_driver_required",
    "terminating connection due to idle-in-transaction timeout": "idle_in_transaction",
    "canceling statement due to statement timeout": "statement_timeout",
    "deadlock detected Process 123 waits for ShareLock on transaction 456": "deadlock_detected",
    "could not serialize access due to concurrent update": "serialization_failure",
    "could not obtain lock on row in relation": "lock_not_available",
    "connection was closed in the middle of operation": "connection_closed_mid_operation",
    "password authentication failed for user": "login_rejected",
    "sqlite3.OperationalError: database is locked": "sqlite_database_locked",
    "(sqlite3.OperationalError) no such table: users": "sqlite_no_such_table",
    "unable to open database file": "sqlite_unable_to_open",
    "'AsyncSession' object has no attribute 'query'": "asyncsession_no_query",
    "AttributeError: 'AsyncSession' object has no attribute 'exec'": "asyncsession_no_exec",
    "'coroutine' object has no attribute 'scalars'": "missing_await",
    "object ChunkedIteratorResult can't be used in 'await' expression": "too_many_awaits",
    "the unique() method must be invoked on this Result": "unique_required",
    "Invalid args for response field! Hint: check that AsyncSession": "invalid_response_field",
    "'async_generator' object has no attribute 'execute'": "dependency_generator_used_directly",
    "coroutine 'AsyncSession.commit' was never awaited": "commit_never_awaited",
    "201 but the row is not saved": "yield_dependency_commit_too_late",
}


def test_a_search_for_an_error_finds_its_page_first(visit: Callable[..., Visit]) -> None:
    page = visit("reference/").page
    box = page.locator("[data-md-component=search-query]")
    first = page.locator(".md-search-result__item > .md-search-result__link").first
    box.click()
    page.keyboard.insert_text("session")
    first.wait_for()  # The first search waits until the index is built; the bound is on the others.
    wrong = {}
    for typed, slug in SEARCHED.items():
        box.fill("")
        page.keyboard.insert_text(typed)
        box.press("End")
        try:
            expect(first).to_have_attribute("href", re.compile(rf"guides/errors/{slug}"), timeout=3000)
        except AssertionError:
            wrong[typed] = first.get_attribute("href")
    assert wrong == {}


def test_instant_navigation_keeps_the_page_and_the_tabs(visit: Callable[..., Visit]) -> None:
    page = visit(EXAMPLE).page
    page.evaluate("window.kept = true")
    page.locator(".md-nav--primary a[href$='detached/']").first.click()
    page.wait_for_url("**/detached/**")
    page.locator(".gl-ledger:visible").first.wait_for()
    assert page.evaluate("window.kept") is True
    # A script puts the copy buttons there: one that is visible proves that it ran on the new page.
    assert page.locator(".gl .md-code__button:visible").first.is_visible()


# The doctor -----------------------------------------------------------------------------------

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
    assert [v["id"] for v in Axe().run(page).response["violations"]] == []
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
    page = visit("doctor/").page
    page.get_by_role("textbox", name="Paste your traceback").focus()
    page.wait_for_function("document.querySelector('.gl-doctor').dataset.armed !== undefined")
    took = page.evaluate(
        """text => {
            const clipboardData = new DataTransfer();
            clipboardData.setData("text", "x\\n".repeat(2500000) + text + "<b>\\n".repeat(1250000));
            const pasted = new ClipboardEvent("paste", { clipboardData, bubbles: true, cancelable: true });
            const begun = performance.now();
            document.querySelector(".gl-doctor textarea").dispatchEvent(pasted);
            document.body.getBoundingClientRect();
            return performance.now() - begun;
        }""",
        STALE,
    )
    assert took < 4000, (
        f"{took:.0f} ms"
    )  # The arithmetic is held to 2 s by test_doctor.py; this lays the page out too.
    assert "stale_data" in (page.locator(".gl-diagnoses a").first.get_attribute("href") or "")
    assert "every one was read" in page.get_by_role("textbox", name="Paste your traceback").input_value()


def test_the_calculator_answers(visit: Callable[..., Visit]) -> None:
    page = visit("guides/pool/sizing/").page
    answer = page.locator(".gl-calculator dl")
    assert "120 connections: 8 processes × 15" in answer.inner_text()
    page.get_by_label("Workers per machine").fill("1")
    assert "30 connections: 2 processes × 15" in answer.inner_text()
    page.get_by_label("Requests a second, in all").fill("100000")
    assert "without end" in answer.inner_text()


# What a reader runs ---------------------------------------------------------------------------


@pytest.mark.parametrize("where", ["clone", "site"])
def test_uv_runs_a_snippet(site: Site, where: str, tmp_path: Path) -> None:
    """From a plain clone, and from the address that the page shows; nothing of the project is installed."""
    uv = shutil.which("uv")
    assert uv, "uv is not on PATH: run the tests with 'make test'"
    name = "snippets/expiry/read_after_commit/read.py"
    target = site.url + name if where == "site" else str(HERE.root / name)
    environment = {
        k: v for k, v in os.environ.items() if k not in ("PYTHONPATH", "DATABASE_URL", "VIRTUAL_ENV")
    }
    done = subprocess.run(
        [uv, "run", "--quiet", "--python", sys.executable, target],
        cwd=tmp_path, env=environment, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert (done.returncode, done.stdout) == (0, "Ada Lovelace\n"), done.stderr


def test_the_search_index_has_every_page(site: Site) -> None:
    index = json.loads((site.folder / "search" / "search_index.json").read_text())
    indexed = {entry["location"].split("#")[0] for entry in index["docs"]}
    assert set(page_urls()) - {"", "proof/"} <= indexed
