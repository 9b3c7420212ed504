"""The strict Content-Security-Policy: nothing of ours is inline, all of the site works under it, and it refuses."""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Callable
from importlib import metadata
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from greenlit.project import HERE
from greenlit.site import policy
from tests.site.visit import EXAMPLE, STRICT, Site, Visit

POLICY = "default-src 'self'; img-src 'self' data:; object-src 'none'; base-uri 'none'; form-action 'self'"
WHAT_A_STYLE_IS = re.compile(r"<style\b|\sstyle=|<[a-z][^<>]*\son[a-z]+=", re.IGNORECASE)


def test_each_page_has_the_policy_and_nothing_inline(site: Site) -> None:
    for path in site.folder.rglob("*.html"):
        text = path.read_text()
        assert text.count(f'<meta http-equiv=Content-Security-Policy content="{POLICY}">') == 1, path
        without_texts = re.sub(r'content="[^"]*"', "", text)
        assert not WHAT_A_STYLE_IS.search(without_texts), f"{path}: move it into a style sheet or a script"


def test_the_files_for_servers_have_it(site: Site) -> None:
    whole = f"{POLICY}; script-src 'self' 'wasm-unsafe-eval'; frame-ancestors 'none'"
    assert f"/*\n  Content-Security-Policy: {whole}\n" in (site.folder / "_headers").read_text()
    nginx = (site.folder / "headers.nginx.conf").read_text()
    assert f'add_header Content-Security-Policy "{whole}" always;\n' in nginx


def digest(text: str) -> str:
    return base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()


def test_what_is_inline_all_the_same_is_allowed_by_its_hash(tmp_path: Path) -> None:
    """Data is not run; a page's own policy is made anew."""
    page = tmp_path / "index.html"
    page.write_text(
        "<!doctype html><html><head><meta charset=utf-8><script>run()</script><script src=x.js></script>"
        '<script type="application/ld+json">{}</script><style>p{}</style></head></html>'
    )
    policy.write(HERE, tmp_path)
    once = page.read_text()
    policy.write(HERE, tmp_path)
    assert page.read_text() == once
    found = re.search(r'charset=utf-8><meta http-equiv=Content-Security-Policy content="([^"]*)"', once)
    assert found, once
    assert re.findall(r"script-src 'self' ('sha256-[^']*')(?:;|$)", found[1]) == [
        f"'sha256-{digest('run()')}'"
    ]
    assert re.findall(r"style-src 'self' ('sha256-[^']*')(?:;|$)", found[1]) == [f"'sha256-{digest('p{}')}'"]


# Of Material 9.8.1: where one of these changes, first.js has to do as it does.
REPLACED = {"base": "d6113712bc4deb30", "palette": "8790389765ea6036", "content": "3722e156f0f6339d"}


@pytest.mark.parametrize("name", REPLACED)
def test_the_scripts_that_ours_replace_are_those_that_it_was_made_from(name: str) -> None:
    material = metadata.distribution("mkdocs-material")
    theirs = Path(str(material.locate_file(f"material/templates/partials/javascripts/{name}.html")))
    found = hashlib.sha256(theirs.read_bytes()).hexdigest()[:16]
    assert found == REPLACED[name], f"{theirs} has changed: compare it with greenlit/site/scripts/first.js"


def test_the_style_sheet_has_what_a_chart_says_of_itself(site: Site) -> None:
    """A page leaves it out of the picture."""
    sheet = (site.folder / "assets" / "greenlit.css").read_text()
    for path in HERE.charts.glob("*.svg"):
        style = re.search("<style>(.*?)</style>", path.read_text())
        assert style
        for selector in re.findall(r"([^{}]+)\{", style[1]):
            bare = re.sub(r"(?<=\s)(?:text|rect)(?=\.)", "", selector)
            assert f"{selector}{{" in sheet or f"{bare}{{" in sheet, f"{path.name}: {selector}"


def test_all_of_it_works(visit: Callable[..., Visit]) -> None:
    """Home, the doctor, the search, another page without loading anew, tabs, copying, the other colours, the calculator."""
    seen = visit("", permissions=["clipboard-read", "clipboard-write"], **STRICT)
    page = seen.page
    page.evaluate("window.kept = true")
    page.get_by_role("textbox", name="Paste your traceback").fill(
        "sqlalchemy.exc.MissingGreenlet: greenlet_spawn"
    )
    page.locator(".gl-diagnoses a").first.wait_for()
    page.locator(".md-search__input").click()
    page.locator(".md-search__input").press_sequentially("read an attribute after commit")
    page.locator(f".md-search-result a[href*='{EXAMPLE}']").first.click()
    page.wait_for_url(f"**/{EXAMPLE}*")
    page.locator("article > h1", has_text="after commit").wait_for()  # The address changes first.
    first = page.locator(".gl > .gl-tabs").first
    first.locator("label", has_text="asyncpg").click()
    page.locator(".gl .gl-copy:visible").first.click()
    expect(page.locator(".gl-spoken")).to_contain_text("Copied")
    page.locator("label[for=__palette_1]").click()
    expect(page.locator("body")).to_have_attribute("data-md-color-scheme", "slate")
    page.locator(".md-tabs__link[href$='guides/pool/']").click()
    page.wait_for_url("**/guides/pool/")
    page.locator("article a[href$='pool/sizing/']:visible").first.click()
    page.wait_for_url("**/sizing/")
    expect(page.locator(".gl-calculator dl")).to_contain_text("8 processes")
    assert page.evaluate("window.kept") is True
    assert seen.errors == []


def injected(page: Page) -> list[str]:
    refused = page.evaluate(
        """() => new Promise((told) => {
            const refused = new Set();
            document.addEventListener("securitypolicyviolation", (event) => {
                refused.add(event.effectiveDirective);
                if (refused.size === 6) told([...refused].sort());
            });
            const script = Object.assign(document.createElement("script"), { textContent: "window.hurt = true" });
            const style = Object.assign(document.createElement("style"), { textContent: "body { display: none }" });
            document.body.append(script, style);
            document.body.insertAdjacentHTML("beforeend", "<img src=/none onerror='window.hurt = true'><p style='color: red'>");
            document.body.append(Object.assign(document.createElement("script"), { src: "http://foreign.invalid/x.js" }));
            document.body.append(Object.assign(document.createElement("iframe"), { src: "http://foreign.invalid/" }));
            fetch("http://foreign.invalid/").catch(() => {});
        })"""
    )
    assert page.evaluate("window.hurt") is None
    return list(refused)


REFUSED = [
    "connect-src",
    "frame-src",
    "script-src-attr",
    "script-src-elem",
    "style-src-attr",
    "style-src-elem",
]


def test_what_is_injected_is_refused(visit: Callable[..., Visit]) -> None:
    assert injected(visit(EXAMPLE, **STRICT).page) == REFUSED


def test_a_page_of_its_own_refuses_it_too(visit: Callable[..., Visit], site: Site) -> None:
    """On a host that sends no header."""
    tab = visit("doctor/", bypass_csp=False)
    bare = site.html(EXAMPLE)
    tab.page.route(site.url + EXAMPLE, lambda route: route.fulfill(body=bare, content_type="text/html"))
    assert injected(tab.go(EXAMPLE).page) == REFUSED


def test_what_the_reader_chose_is_there_before_the_theme(visit: Callable[..., Visit]) -> None:
    """The colours and the driver, without Material's own script."""
    seen = visit(EXAMPLE, color_scheme="dark")
    page = seen.page
    page.locator(".gl-tabs > label", has_text="asyncpg").first.click()
    page.locator("label[for=__palette_0]").click()
    page.wait_for_function("() => __md_get('__palette').color.scheme === 'default'")
    page.route("**/bundle*", lambda route: route.abort())
    page.goto(seen.page.url)
    body, first = page.locator("body"), page.locator(".gl > .gl-tabs").first
    expect(body).to_have_attribute("data-md-color-scheme", "default")
    assert "sqlalchemy.exc.MissingGreenlet" in first.locator(":scope > div:visible").first.inner_text()
    page.evaluate("localStorage.clear()")
    page.reload()
    expect(body).to_have_attribute("data-md-color-scheme", "slate")
