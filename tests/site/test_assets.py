"""What is published: what it asks of other hosts, what it weighs, and what a reader runs."""

from __future__ import annotations

import gzip
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from greenlit.project import HERE
from tests.site.visit import Site, Visit, page_urls

TAGS = re.compile(r"""<(?:script|img|iframe|source|link)\b(?:"[^"]*"|'[^']*'|[^>"'])*>""", re.IGNORECASE)
HEAVIEST, MOST_REQUESTS = 90_000, 12


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
        for url in Assets("".join(TAGS.findall(path.read_text()))).foreign
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
