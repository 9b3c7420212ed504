"""What a page may load and run: a strict Content-Security-Policy, in each page and as files for servers.

The policy is made from the pages as they are built. No script and no style of ours is inline; whatever the theme or an
extension puts into a page all the same is allowed by its hash. All pages have the same policy, because a page that
the reader navigates to is put into the one that is open.
"""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Iterable
from html import unescape
from pathlib import Path

from greenlit.project import Project

SOURCES = {
    "default-src": ["'self'"],
    # The theme's icons are in its style sheet.
    "img-src": ["'self'", "data:"],
    "object-src": ["'none'"],
    "base-uri": ["'none'"],
    "form-action": ["'self'"],
}
FRAMES = {"frame-ancestors": ["'none'"]}
"""What a browser ignores in a page."""
FOR_A_WORKER = "'wasm-unsafe-eval'"
"""What the playground needs in its worker, which has the header and no page's policy. A page has both, and so may not do it."""

OTHER_HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "strict-origin-when-cross-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
}

_ELEMENT = re.compile(
    r"<(script|style)\b((?:\"[^\"]*\"|'[^']*'|[^>\"'])*)>(.*?)</\1>", re.DOTALL | re.IGNORECASE
)
_TYPE = re.compile(r"""\btype\s*=\s*["']?([^"'\s>]*)""", re.IGNORECASE)
_RUNS = ("", "module", "text/javascript", "application/javascript", "importmap", "speculationrules")
"""The types of a script that is run; what has another is data."""
_HEAD = re.compile(r"<head>\s*(?:<meta charset=[^>]*>)?", re.IGNORECASE)
_OURS = re.compile(r"<meta http-equiv=Content-Security-Policy [^>]*>")


def write(project: Project, site: Path) -> None:
    pages = sorted(site.rglob("*.html"))
    texts = {page: _OURS.sub("", page.read_text()) for page in pages}
    inside = policy(texts.values())
    meta = f'<meta http-equiv=Content-Security-Policy content="{shown(inside)}">'
    for page, text in texts.items():
        # As early as possible: it holds for what comes after it.
        page.write_text(_HEAD.sub(lambda found: found[0] + meta, text, count=1))
    scripts = {"script-src": [*inside.get("script-src", ["'self'"]), FOR_A_WORKER]}
    headers = {"Content-Security-Policy": shown(inside | scripts | FRAMES)} | OTHER_HEADERS
    (site / "_headers").write_text(for_hosts(headers))
    (site / "headers.nginx.conf").write_text(for_nginx(headers))


def policy(pages: Iterable[str]) -> dict[str, list[str]]:
    """With the hash of each inline script and style sheet of the pages."""
    hashes: dict[str, set[str]] = {"script": set(), "style": set()}
    for page in pages:
        for tag, attributes, text in _ELEMENT.findall(page):
            kind = tag.lower()
            if text and _runs(kind, attributes):
                hashes[kind].add(_hash(text))
    own = {f"{kind}-src": ["'self'", *sorted(found)] for kind, found in hashes.items() if found}
    return SOURCES | own


def _runs(kind: str, attributes: str) -> bool:
    found = _TYPE.search(attributes)
    return kind == "style" or (
        unescape(found[1] if found else "").lower() in _RUNS and "src=" not in attributes
    )


def _hash(text: str) -> str:
    # A browser reads no carriage return.
    digest = hashlib.sha256(text.replace("\r\n", "\n").encode()).digest()
    return f"'sha256-{base64.b64encode(digest).decode()}'"


def shown(sources: dict[str, list[str]]) -> str:
    return "; ".join(f"{name} {' '.join(allowed)}" for name, allowed in sources.items())


def for_hosts(headers: dict[str, str]) -> str:
    """As Netlify and Cloudflare read it."""
    return "/*\n" + "".join(f"  {name}: {value}\n" for name, value in headers.items())


def for_nginx(headers: dict[str, str]) -> str:
    """To include in a `server` or a `location`."""
    return "".join(f'add_header {name} "{value}" always;\n' for name, value in headers.items())
