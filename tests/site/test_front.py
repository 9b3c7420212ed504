"""How a reader gets in and around: home, the page that is not there, the navigation, the lists, old addresses, our words."""

from __future__ import annotations

import re
from collections.abc import Callable
from urllib.parse import urljoin

import pytest
from playwright.sync_api import Page, ViewportSize, expect

from greenlit.error_index import error_pages
from greenlit.project import HERE
from greenlit.site import moved
from tests.site.visit import DESKTOP, PHONE, Site, Visit, objections, page_urls

DOORS = ["guides/errors/", "guides/lifecycle/setup/", "guides/application/conftest/", "guides/pool/sizing/"]
IN_ONE_SCREEN = ["h1", ".gl-doors", ".gl-doctor textarea", "button.gl-example", ".gl-shown .gl-ledger >> nth=0",
                 ".gl-shown .gl-raised >> nth=0", ".gl-shown .gl-fix", ".gl-shown > p"]  # fmt: skip
CLICKS = 3


def links(html: str, page: str) -> set[str]:
    """The pages that a page links to, relative to the site's address."""
    found = re.findall(r'<a\s[^>]*?href="([^"#?]*)', html)
    return {urljoin(f"http://x/{page}", href).removeprefix("http://x/") for href in found if href}


@pytest.mark.parametrize("width, height", [(1280, 720), (1440, 900)])
def test_home_is_one_screen_on_a_laptop(visit: Callable[..., Visit], width: int, height: int) -> None:
    page = visit("", viewport={"width": width, "height": height}).page
    for name in IN_ONE_SCREEN:
        box = page.locator(name).bounding_box()
        assert box is not None and box["y"] + box["height"] <= height, f"{name} ends at {box}"
    shown = page.locator(".gl-shown").bounding_box()
    assert shown is not None and shown["x"] > width / 2, "the right half is used"
    assert page.title() == "Async SQLAlchemy with FastAPI: every example has been run - Greenlit"
    expect(page.locator(".md-tabs__item").first).to_have_text("Home")


def test_home_leads_to_a_fix_and_to_a_set_up(site: Site) -> None:
    home = links(site.html(""), "")
    assert [door for door in DOORS if door not in home] == []
    wanted = {f"guides/errors/{error.slug}/" for error in error_pages(HERE)}
    assert wanted - links(site.html("guides/errors/"), "guides/errors/") == set()
    setup = site.html("guides/lifecycle/setup/")
    assert setup.index("create_user") < setup.index("<h2", setup.index("<h2") + 1), "whole, before all else"


def test_every_page_is_three_clicks_from_home(site: Site) -> None:
    pages, seen, now = set(page_urls()), {""}, {""}
    for _ in range(CLICKS):
        now = {link for page in now for link in links(site.html(page), page)} & pages - seen
        seen |= now
    assert pages - seen == set()


def test_the_page_for_what_is_not_there(leaf: Callable[[str], Visit], site: Site) -> None:
    """Its links begin at the root of the site: it is shown at any depth."""
    assert objections(leaf("404.html")) == []
    html = (site.folder / "404.html").read_text()
    article = html[html.index("<article") : html.index("</article>")]
    hrefs = re.findall(r'href="([^"]+)"', article)
    assert hrefs == [f"/{place}" for place in (*DOORS, "doctor/")]
    source = (HERE.root / "greenlit" / "site" / "theme" / "404.html").read_text()
    assert re.findall(r'href="(?!\{\{ \'[^\']+\' \| url \}\})', source) == [], "below another path too"


def test_breadcrumbs(visit: Callable[..., Visit]) -> None:
    page = visit("guides/errors/stale_data/").page
    crumbs = page.get_by_role("navigation", name="Breadcrumbs")
    expect(crumbs.get_by_role("listitem")).to_have_text(["Home", "Errors", "SQLAlchemy's ORM"])
    crumbs.get_by_role("link", name="Errors").click()
    page.wait_for_url("**/guides/errors/")


def shown(page: Page) -> int:
    return page.locator(".gl-filter ~ .gl-errors li:visible").count()


def test_the_list_of_errors_is_filtered(visit: Callable[..., Visit]) -> None:
    page = visit("guides/errors/").page
    status, every = page.locator(".gl-filter [role=status]"), len(error_pages(HERE))
    expect(status).to_have_text(f"{every} of {every} errors")
    assert shown(page) == every
    box = page.get_by_label("Filter the list").get_by_role("searchbox")
    box.fill("MissingGreenlet lazy")
    expect(status).not_to_have_text(f"{every} of {every} errors")
    titles = page.locator(".gl-filter ~ .gl-errors li:visible").all_inner_texts()
    assert 0 < len(titles) < 10 and all("MissingGreenlet" in title for title in titles)
    expect(page.get_by_role("heading", name="The database server")).to_be_hidden()
    box.press("Enter")  # It sends no form.
    box.fill("no such words")
    expect(status).to_contain_text("No error has these words in its title")
    box.fill("")
    page.get_by_label("aiosqlite").check()
    without = [error for error in error_pages(HERE) if "aiosqlite" not in error.drivers]
    expect(status).to_have_text(f"{every - len(without)} of {every} errors")
    assert shown(page) == every - len(without) < every


def test_an_error_that_is_listed_twice_counts_once(visit: Callable[..., Visit]) -> None:
    page = visit("guides/errors/by_symptom/").page
    every = len(error_pages(HERE))
    expect(page.locator(".gl-filter [role=status]")).to_have_text(f"{every} of {every} errors")
    assert shown(page) > every


def test_without_a_script_the_list_is_whole(visit: Callable[..., Visit]) -> None:
    page = visit("guides/errors/", java_script_enabled=False).page
    expect(page.locator(".gl-filter")).to_be_hidden()
    assert shown(page) == len(error_pages(HERE))


def test_groups_say_how_many_they_have(site: Site) -> None:
    html = site.html("guides/errors/")
    parts = html[html.index('class="gl-filter"') :].split('<div class="gl-errors">')[1:]
    said = [(re.search(r"<small>(\d+)</small>", part), part.count("<li")) for part in parts]
    assert len(said) == 8 and all(number and int(number[1]) == items for number, items in said)


@pytest.mark.parametrize("scripts", [True, False])
def test_an_old_address_leads_on(visit: Callable[..., Visit], site: Site, scripts: bool) -> None:
    old, new = next((old, new) for old, new in moved.rows(HERE).items() if new)
    page = visit("run/", java_script_enabled=scripts).page
    page.goto(f"{site.url}{moved.address(old)}#python", wait_until="commit")
    page.wait_for_url(f"{site.url}{moved.address(new)}" + ("#python" if scripts else ""))


@pytest.mark.parametrize("size, touch", [(DESKTOP, False), (PHONE, True)], ids=["key", "finger"])
def test_a_word_of_ours_is_explained(visit: Callable[..., Visit], size: ViewportSize, touch: bool) -> None:
    page = visit("guides/errors/stale_data/", viewport=size, has_touch=touch).page
    word, meaning = page.get_by_role("button", name="ledger").first, page.locator(".gl-meaning").first
    expect(meaning).to_be_hidden()
    if touch:
        word.tap()
    else:
        word.press("Enter")
    expect(meaning).to_contain_text("What each line of the code above it did")
    box = meaning.bounding_box()
    assert box is not None and box["x"] >= 0 and box["x"] + box["width"] <= size["width"]
    page.keyboard.press("Escape")
    expect(meaning).to_be_hidden()


def test_a_guide_leads_back_to_its_errors(site: Site) -> None:
    """Each error's page that links to a guide's page is linked from there."""
    for error in error_pages(HERE):
        text = (HERE.error_pages / f"{error.slug}.md").read_text()
        for guide in set(re.findall(r"\]\(\.\./([a-z]+/\w+)\.md", text)):
            place = moved.address(f"guides/{guide}.md")
            back = links(site.html(place), place)
            assert f"guides/errors/{error.slug}/" in back, f"{guide} does not lead back to {error.slug}"
