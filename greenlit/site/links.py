"""Do the pages of others still exist that ours link to? `python -m greenlit.site.links site`, over the built site.

It needs the network, so it is no part of the proof: CI runs it once a week and keeps an issue with what it says. It ends with 3 if a link
leads nowhere. A host that refuses programs (403, 429) is named, and nothing is concluded from that.
"""

from __future__ import annotations

import asyncio
import re
import sys
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from html import unescape
from pathlib import Path
from urllib.parse import unquote, urldefrag, urljoin, urlsplit

import httpx

from greenlit.site.built import Built, address, pages

LINK = re.compile(r'<a\b[^>]*?\bhref="(https?://[^"]+)"')
NOWHERE = re.compile(r"(?:^|\.)(?:localhost|example|invalid|test|example\.\w+)$|^127\.")
GONE, NO_ANCHOR, MOVED, UNSURE = "Gone", "The anchor is not there", "Moved for good", "Could not be asked"
BROKEN = (GONE, NO_ANCHOR)
REFUSED = {401, 403, 429, 999}
BUILT_BY_SCRIPTS = {"github.com"}
"""Their anchors are not in what a server sends."""
AGENT = "Mozilla/5.0 (compatible; Greenlit link check)"


@dataclass(frozen=True)
class Finding:
    kind: str
    url: str
    why: str


@dataclass
class Checker:
    tries: int = 4
    pause: float = 5
    """Seconds before the second try; each later one waits twice as long, or as long as the host asks for."""
    timeout: float = 30
    total: int = 12
    of_a_host: int = 2
    _busy: dict[str, asyncio.Semaphore] = field(default_factory=dict)

    async def check(self, urls: Iterable[str]) -> list[Finding]:
        """Each document is asked for once, whatever the number of its anchors."""
        anchors: dict[str, set[str]] = defaultdict(set)
        for url in urls:
            document, anchor = urldefrag(url)
            anchors[document].add(anchor)
        limits = httpx.Limits(max_connections=self.total)
        async with httpx.AsyncClient(
            headers={"User-Agent": AGENT}, timeout=self.timeout, limits=limits
        ) as client:
            found = await asyncio.gather(*(self._document(client, *one) for one in sorted(anchors.items())))
        return [finding for findings in found for finding in findings]

    async def _document(self, client: httpx.AsyncClient, url: str, anchors: set[str]) -> list[Finding]:
        busy = self._busy.setdefault(urlsplit(url).netloc, asyncio.Semaphore(self.of_a_host))
        async with busy:
            try:
                answer, moved = await self._insist(client, url)
            except (httpx.HTTPError, httpx.InvalidURL) as error:
                return [Finding(GONE, url, f"{type(error).__name__}: {error}".rstrip(": "))]
        if answer.status_code in REFUSED:
            return [Finding(UNSURE, url, f"status {answer.status_code}")]
        if answer.is_error:
            return [Finding(GONE, url, f"status {answer.status_code}")]
        found = [Finding(MOVED, url, f"to {moved}")] if moved else []
        lacking = sorted(anchor for anchor in anchors if not _has(answer, anchor))
        return found + [Finding(NO_ANCHOR, f"{url}#{anchor}", "no such id") for anchor in lacking]

    async def _insist(self, client: httpx.AsyncClient, url: str) -> tuple[httpx.Response, str]:
        """The answer, at the latest of the last try, and where it permanently is now."""
        for attempt in range(1, self.tries + 1):
            wait = self.pause * 2 ** (attempt - 1)
            try:
                answer, moved = await _follow(client, url)
            except httpx.TransportError:
                if attempt == self.tries:
                    raise
            else:
                if attempt == self.tries or not (answer.status_code == 429 or answer.is_server_error):
                    return answer, moved
                asked = answer.headers.get("Retry-After", "")
                wait = min(float(asked), 120) if asked.isdigit() else wait
            await asyncio.sleep(wait)
        raise AssertionError("at least one try")


async def _follow(client: httpx.AsyncClient, url: str) -> tuple[httpx.Response, str]:
    at, moved, permanent = url, "", True
    for _ in range(10):
        answer = await client.get(at)
        if not answer.has_redirect_location:
            return answer, moved
        at = urljoin(at, answer.headers["Location"])
        permanent = permanent and answer.status_code in (301, 308)
        moved = at if permanent else moved
    raise httpx.TooManyRedirects("more than 10 redirects")


def _has(answer: httpx.Response, anchor: str) -> bool:
    given = answer.headers.get("Content-Type", "text/html")
    if not anchor or ":~:" in anchor or answer.url.host in BUILT_BY_SCRIPTS or "html" not in given:
        return True
    name = re.escape(unquote(anchor))
    return bool(re.search(rf"""\b(?:id|name)=(["']?){name}\1[\s>/]""", unescape(answer.text)))


def foreign(site: Path) -> dict[str, list[Built]]:
    """Each link that leads elsewhere, and the pages that have it."""
    ours, found = address(site), defaultdict[str, list[Built]](list)
    for page in pages(site):
        for url in dict.fromkeys(map(unescape, LINK.findall(page.html))):
            if not url.startswith(ours) and not NOWHERE.search(urlsplit(url).hostname or ""):
                found[url].append(page)
    return found


def report(findings: list[Finding], places: dict[str, list[Built]]) -> str:
    """As Markdown, for an issue."""
    told = []
    for kind in (*BROKEN, MOVED, UNSURE):
        alike = [finding for finding in findings if finding.kind == kind]
        if alike:
            told.append(f"## {kind}\n")
            told += [f"- {one.url} ({one.why}), on {_pages(one.url, places)}" for one in alike]
            told.append("")
    counts = ", ".join(f"{sum(one.kind == kind for one in findings)} {kind.lower()}" for kind in BROKEN)
    return "\n".join([*told, f"{len(places)} links to other hosts: {counts}."])


def _pages(url: str, places: dict[str, list[Built]]) -> str:
    there = [page for link, found in places.items() if url in (link, urldefrag(link)[0]) for page in found]
    names = list(dict.fromkeys(urlsplit(page.url).path for page in there))
    return ", ".join(names[:5]) + (f" and {len(names) - 5} more" if len(names) > 5 else "")


def main() -> None:
    places = foreign(Path(sys.argv[1] if len(sys.argv) > 1 else "site"))
    findings = asyncio.run(Checker().check(places))
    print(report(findings, places))
    sys.exit(3 if any(finding.kind in BROKEN for finding in findings) else 0)


if __name__ == "__main__":
    main()
