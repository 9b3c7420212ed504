"""The site where not all is as usual: opened as files, in a folder of a host, without scripts, or with some missing."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, Page, expect

from greenlit.project import HERE
from greenlit.site import after
from greenlit.site.canary import Quiet, serving
from tests.site.visit import EXAMPLE, Site, Visit, refused

BOX = "Paste your traceback"
ERRORS = "guides/errors/"


@pytest.fixture
def opened(browser: Browser, site: Site) -> Iterator[Callable[[str], Page]]:
    """A page as a file, with no network."""
    with browser.new_context(offline=True, permissions=["clipboard-read", "clipboard-write"]) as context:
        page = context.new_page()
        errors: list[str] = []
        page.on("pageerror", lambda error: errors.append(str(error)))

        def opened(path: str) -> Page:
            page.goto((site.folder / path / "index.html").as_uri())
            return page

        yield opened
        assert errors == []


def test_as_files_the_links_lead_to_pages(opened: Callable[[str], Page]) -> None:
    page = opened(EXAMPLE)
    leads = page.evaluate("[...document.links].filter((a) => a.protocol === 'file:').map((a) => a.pathname)")
    assert leads and [path for path in leads if path.endswith("/")] == []
    page.locator(".md-tabs__link[href$='guides/pool/index.html']").click()
    page.wait_for_url("**/guides/pool/index.html")


def test_as_files_the_calculator_tabs_and_colours_work(opened: Callable[[str], Page]) -> None:
    page = opened("guides/pool/sizing/")
    expect(page.locator(".gl-calculator dl")).to_contain_text("8 processes")
    opened(EXAMPLE)
    last = page.locator(".gl > .gl-tabs").last
    page.locator(".gl > .gl-tabs").first.locator("label", has_text="asyncpg").click()
    other = last.locator(":scope > div:visible").first
    expect(other).to_contain_text("$1::INTEGER")
    opened(EXAMPLE)
    expect(other).to_contain_text("$1::INTEGER")
    page.locator("label[for=__palette_1]").click()
    expect(page.locator("body")).to_have_attribute("data-md-color-scheme", "slate")


def test_without_scripts_the_page_says_what_needs_them(visit: Callable[..., Visit]) -> None:
    for path, said in (
        ("doctor/", "This needs JavaScript."),
        ("guides/pool/sizing/", "This needs JavaScript;"),
    ):
        page = visit(path, java_script_enabled=False).page
        needs = page.locator("noscript p", has_text=said)
        assert needs.is_visible()
        assert page.locator(".gl-blocked").is_hidden()
    assert page.locator(".gl-calculator pre").is_hidden()
    page = visit("doctor/", java_script_enabled=False).page
    page.locator("noscript a").click()
    page.wait_for_url(f"**/{ERRORS}")


def test_without_scripts_claims_and_details_open(visit: Callable[..., Visit]) -> None:
    page = visit("guides/errors/server_side_cursors/", java_script_enabled=False).page
    proof = page.locator("details.gl-claim").first
    assert proof.locator(".gl").is_hidden()
    proof.locator("summary").click()
    assert proof.locator(".gl").is_visible()


@pytest.mark.parametrize(
    "path, script, turn",
    [
        ("doctor/", "doctor.js", lambda page: page.get_by_role("textbox", name=BOX).focus()),
        ("guides/pool/sizing/", "calculator.js", lambda page: None),
    ],
)
def test_a_script_that_is_blocked_is_named(
    visit: Callable[..., Visit], path: str, script: str, turn: Callable[[Page], None]
) -> None:
    tab = visit(EXAMPLE, answers={f"**/{script}": refused})
    turn(tab.go(path).page)
    tab.page.get_by_text(f"{script} was not loaded").wait_for()


FEW = ("index.md", "doctor.md", "guides/expiry/read_after_commit.md", "guides/expiry/detached.md")
"""Pages enough for a site in a folder of a host."""

CONFIG = """INHERIT: mkdocs.yml
validation: {{links: {{not_found: ignore, absolute_links: relative_to_docs, anchors: ignore}}, omitted_files: ignore}}
site_url: http://site.invalid/docs/
docs_dir: {docs}
nav: [{pages}]
exclude_docs: |
  *.md
  *.pyc
"""


@pytest.fixture(scope="module")
def below(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """A few pages, built for an address with a path and served there."""
    root = tmp_path_factory.mktemp("below")
    config = HERE.root / f".below-{root.name}.yml"
    pages = "".join(f"  !/{page}\n" for page in FEW)
    config.write_text(CONFIG.format(docs=HERE.docs, pages=", ".join(FEW)) + pages)
    try:
        command = [sys.executable, "-m", "mkdocs", "build", "--quiet", "-f", str(config)]
        subprocess.run([*command, "--site-dir", str(root / "docs")], check=True, capture_output=True)
    finally:
        config.unlink()
    after.finish(HERE, root / "docs")
    with serving(root, In404) as url:
        for path in root.rglob("*"):
            if path.suffix in (".html", ".xml", ".json"):
                path.write_text(path.read_text().replace("http://site.invalid/", url))
        yield Site(root / "docs", f"{url}docs/")


class In404(Quiet):
    """Says 404.html for what is not there, as hosts do."""

    def send_error(self, code: int, message: str | None = None, explain: str | None = None) -> None:
        body = (Path(self.directory) / "docs" / "404.html").read_bytes()
        self.send_response(code, message)
        self.send_header("Content-Type", "text/html")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


def test_below_a_path_everything_is_found(below: Site, browser: Browser) -> None:
    with browser.new_context() as context:
        seen = Visit(context, below).go(EXAMPLE)
        page = seen.page
        page.evaluate("window.kept = true")
        page.locator("a[href$='/expiry/detached/']:visible").first.click()
        page.wait_for_url(f"{below.url}guides/expiry/detached/")
        expect(page).to_have_title(
            re.compile("Detached")
        )  # Material closes the search when it has exchanged the page.
        assert page.evaluate("window.kept") is True
        page.locator(".md-search__input").click()
        page.locator(".md-search__input").press_sequentially("read an attribute after commit")
        page.locator(f".md-search-result a[href*='{EXAMPLE}']").first.click()
        page.wait_for_url(f"{below.url}{EXAMPLE}*")
        assert seen.errors == [] and all(url.startswith(below.url) for url in seen.requests)


def test_below_a_path_what_is_not_there_has_its_page(below: Site, browser: Browser) -> None:
    with browser.new_context() as context:
        seen = Visit(context, below)
        seen.page.goto(f"{below.url}guides/expiry/no_such_page/")
        expect(seen.page.locator("h1")).to_contain_text("There is no such page")
        assert seen.page.evaluate("typeof __md_get") == "function"
        links = seen.page.evaluate("[...document.links].map((a) => a.href)")
        ours = [url for url in links if urlsplit(url).netloc == urlsplit(below.url).netloc]
        assert ours and [url for url in ours if not url.startswith(below.url)] == []
        assert [url for url in seen.requests if not url.startswith(below.url)] == []
