"""What the site says of itself to machines that show or collect it: the head of each page, its card, the feed."""

from __future__ import annotations

import json
import re
import shutil
import xml.etree.ElementTree as etree
from collections.abc import Callable
from html import unescape
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import urlsplit

import pytest
import yaml
from PIL import Image

from greenlit.project import HERE
from greenlit.site import cards, feed, head
from greenlit.site.built import Built, pages
from tests.site.visit import EXAMPLE, Site, Visit

ATOM = {"a": feed.ATOM}
DEFAULT = yaml.safe_load(re.search(r"^site_description:.*$", (HERE.root / "mkdocs.yml").read_text(), re.M)[0])  # type: ignore[index]


class Head(HTMLParser):
    def __init__(self, page: str) -> None:
        super().__init__()
        self.meta: dict[str, str] = {}
        self.data: list[str] = []
        self._inside = False
        self.feed(page.partition("</head>")[0])

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "meta" and (name := given.get("property") or given.get("name")):
            assert name not in self.meta, f"twice: {name}"
            self.meta[name] = given["content"]
        self._inside = tag == "script" and given.get("type") == "application/ld+json"

    def handle_data(self, data: str) -> None:
        if self._inside:
            self.data.append(data)

    def handle_endtag(self, tag: str) -> None:
        self._inside = False


def served(site: Site, url: str) -> Path:
    assert url.startswith(site.url), f"{url} is not on this site"
    return site.folder / url.removeprefix(site.url)


def test_every_page_tells_its_title_its_description_and_its_card(site: Site) -> None:
    wrong = []
    found = pages(site.folder)
    for page in found:
        said = Head(page.html).meta
        same = {said.get("og:description"), said.get("description")}
        if said.get("og:title") != page.title or not page.title:
            wrong.append(f"{page.url}: og:title {said.get('og:title')!r}")
        if len(same) > 1 or not 20 < len(said["description"]) < 300:
            wrong.append(f"{page.url}: descriptions {same}")
        if said["description"] == DEFAULT["site_description"] and page.url != site.url:
            wrong.append(f"{page.url}: the description of the whole site")
        if said.get("og:url") != page.url or not served(site, said["og:image"]).is_file():
            wrong.append(f"{page.url}: og:url {said.get('og:url')}, og:image {said.get('og:image')}")
    assert len(found) == len(HERE.pages())
    assert wrong == []


def test_a_description_with_quotes_is_whole(site: Site) -> None:
    """The theme writes it as it is: then it ends at the first quote."""
    quoted = [
        path for path in HERE.pages() if re.search(r'^description: "?.*\w=?\\?".*', path.read_text(), re.M)
    ]
    checked = 0
    for path in quoted:
        front = yaml.safe_load(path.read_text().split("---\n")[1])
        if '"' in front["description"]:
            folder = path.relative_to(HERE.docs).with_suffix("").as_posix()
            assert Head(site.html(folder)).meta["description"] == front["description"]
            checked += 1
    assert checked > 5


def test_the_structured_data_is_that_of_the_page(site: Site) -> None:
    for page in pages(site.folder):
        told = Head(page.html).data
        assert len(told) == 1, page.url
        graph = json.loads(told[0])["@graph"]
        assert {graph[0].get("headline"), graph[0].get("name")} == {page.title, None}
        assert graph[0]["url"] == page.url
        if page.url == site.url:
            continue
        steps = graph[1]["itemListElement"]
        assert [step["position"] for step in steps] == list(range(1, len(steps) + 1))
        assert steps[0]["item"] == site.url and steps[-1]["item"] == page.url
        assert all((served(site, step["item"]) / "index.html").is_file() for step in steps)


def test_cards_have_the_size_that_programs_show(site: Site) -> None:
    for page in pages(site.folder):
        with Image.open(page.path.with_name(cards.NAME)) as card:
            assert card.size == (1200, 630)


def test_nothing_runs_and_nothing_is_asked_for(visit: Callable[..., Visit]) -> None:
    """Structured data is no script to a policy, and a card is for others."""
    seen = visit(EXAMPLE)
    assert not [url for url in seen.requests if url.endswith((cards.NAME, feed.NAME, "index.md"))]
    assert {url for url in seen.requests if "sitemap" in url} <= {f"{seen.site.url}sitemap.xml"}
    seen.page.route(
        "**/*",
        lambda route: route.fulfill(response=route.fetch(), headers={"Content-Security-Policy": "script-src 'self'", "Content-Type": "text/html"})
        if route.request.is_navigation_request()
        else route.continue_(),
    )  # fmt: skip
    seen.go("license/", scripts=False)
    refused = [line for line in seen.errors if "ld+json" in line]
    inline = seen.site.html("license/").count("<script>")
    assert refused == [] and len([line for line in seen.errors if "inline script" in line]) <= inline


# The feed ---------------------------------------------------------------------------------------


def test_the_feed_is_what_rfc_4287_asks_for(site: Site) -> None:
    root = etree.parse(site.folder / feed.NAME).getroot()
    assert root.tag == f"{{{feed.ATOM}}}feed"
    entries = root.findall("a:entry", ATOM)
    for one in (root, *entries):
        for needed in ("id", "title", "updated"):
            assert len(one.findall(f"a:{needed}", ATOM)) == 1, needed
        assert re.fullmatch(r"\d{4}-\d\d-\d\dT00:00:00Z", one.findtext("a:updated", "", ATOM))
        assert re.fullmatch(r"urn:uuid:[0-9a-f-]{36}", one.findtext("a:id", "", ATOM))
    assert root.find("a:author/a:name", ATOM) is not None
    identities = [one.findtext("a:id", "", ATOM) for one in (root, *entries)]
    assert len(set(identities)) == len(identities)
    dates = [one.findtext("a:updated", "", ATOM) for one in entries]
    assert dates == sorted(dates, reverse=True) and root.findtext("a:updated", "", ATOM) == dates[0]
    self_link = root.find("a:link[@rel='self']", ATOM)
    assert self_link is not None and self_link.get("href") == site.url + feed.NAME


def test_each_link_of_the_feed_leads_somewhere(site: Site) -> None:
    root = etree.parse(site.folder / feed.NAME).getroot()
    for entry in root.findall("a:entry", ATOM):
        content = entry.findtext("a:content", "", ATOM)
        link = entry.find("a:link", ATOM)
        assert link is not None and content
        for url in (link.get("href", ""), *map(unescape, re.findall(r'href="([^"]*)"', content))):
            if url.startswith(site.url):
                page, _, anchor = url.partition("#")
                text = (served(site, page) / "index.html").read_text()
                assert not anchor or f'id="{anchor}"' in text, url
            else:
                assert url.startswith("https://"), url


def test_the_feed_has_every_step_that_the_pages_show(site: Site) -> None:
    shown = [Built(site.folder / folder / "index.html").sections() for folder in feed.UPGRADES]
    steps = {title for sections in shown for level, _, title, _ in sections if level == 3}
    named = {entry.name for entry in feed.entries(HERE, site.folder)}
    assert steps and steps <= named


@pytest.mark.parametrize("page", ["", EXAMPLE])
def test_a_page_names_the_feed_and_the_license(visit: Callable[..., Visit], page: str) -> None:
    seen = visit(page)
    link = seen.page.locator("link[type='application/atom+xml']")
    assert served(seen.site, link.evaluate("link => link.href")).is_file()
    footer = seen.page.locator(".md-copyright")
    for text in ("Copy the code freely", "What is new", "Feed"):
        target = footer.get_by_role("link", name=text).evaluate("link => link.href")
        assert seen.page.request.get(target).ok, target
    assert (
        "Edit this page" not in seen.page.content() and "Something here is wrong" not in seen.page.content()
    )


def test_once_more_makes_the_same_files(site: Site, tmp_path: Path) -> None:
    """Neither the clock nor the last run is in them."""
    again = shutil.copytree(site.folder, tmp_path / "site", ignore=shutil.ignore_patterns("*.py", "*.ledger"))
    (again / feed.NAME).unlink()
    (again / EXAMPLE / cards.NAME).unlink()
    for write in (head.write, cards.write, feed.write):
        write(HERE, again)
    for name in (feed.NAME, EXAMPLE + cards.NAME, EXAMPLE + "index.html"):
        assert (again / name).read_bytes() == (site.folder / name).read_bytes(), name
    assert urlsplit(site.url).netloc
