"""What a page says of itself to those who do not read it: search engines, and programs that show a link to it.

Open Graph for cards (https://ogp.me), and JSON-LD in the words of https://schema.org. All of it is taken from the
built page: its title, its description, its address. JSON-LD is data, so a Content-Security-Policy for scripts lets it be.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from html import escape, unescape
from pathlib import Path
from typing import Any

from greenlit.project import Project
from greenlit.site import cards
from greenlit.site.built import Built, pages, plain

DESCRIPTION = re.compile(r'<meta name="description" content="(.*)"\s*/?>$', re.MULTILINE)
"""As Material's template writes it: it escapes nothing, and a message in quotes would end it."""
LONGEST = 200
LICENSE = "https://spdx.org/licenses/MIT"
NAME = "Greenlit"


def write(project: Project, site: Path) -> None:
    settings = (project.root / "mkdocs.yml").read_text()
    default = "".join(re.findall(r"^site_description: (.*)$", settings, re.MULTILINE))
    found = pages(site)
    titles = {page.url: page.title for page in found}
    for page in found:
        if '"og:type"' not in page.html:  # Once, however often this is run.
            page.path.write_text(_smaller(_with(page, titles, description(page, site, default))))


def _with(page: Built, titles: dict[str, str], said: str) -> str:
    html = page.html
    html = DESCRIPTION.sub(lambda _: f'<meta name="description" content="{_quoted(said)}">', html, count=1)
    return html.replace("</head>", f"{''.join(_tags(page, said, titles))}</head>", 1)


def description(page: Built, site: Path, default: str) -> str:
    """Its own, or else how it begins: not that of the whole site, but on the first page."""
    found = DESCRIPTION.search(page.html)
    own = unescape(found[1]) if found else ""
    if own and (own != default or page.path.parent == site):
        return own
    first = re.search(r"</h1>.*?<p\b[^>]*>(.*?)</p>", page.article, re.DOTALL)
    return _short(plain(first[1])) if first else default


def _quoted(text: str) -> str:
    return escape(text, quote=False).replace('"', "&quot;")


def _short(text: str) -> str:
    """Whole sentences, or as many words as there is room for."""
    if len(text) <= LONGEST:
        return text
    whole = re.match(rf".{{80,{LONGEST}}}[.?!](?= )", text)
    return whole[0] if whole else f"{text[:LONGEST].rpartition(' ')[0]} …"


def _tags(page: Built, said: str, titles: dict[str, str]) -> Iterator[str]:
    image = f"{page.url}{cards.NAME}"
    for name, content in {
        "type": "article" if len(_crumbs(page, titles)) > 1 else "website",
        "site_name": NAME,
        "title": page.title,
        "description": said,
        "url": page.url,
        "image": image,
    }.items():
        yield f'<meta property="og:{name}" content="{_quoted(content)}">\n'
    yield '<meta name="twitter:card" content="summary_large_image">\n'
    told = json.dumps(_data(page, said, image, titles), ensure_ascii=False, separators=(",", ":"))
    yield f'<script type="application/ld+json">{told.replace("<", chr(92) + "u003c")}</script>\n'


def _data(page: Built, said: str, image: str, titles: dict[str, str]) -> dict[str, Any]:
    crumbs = _crumbs(page, titles)
    about = {"name" if len(crumbs) == 1 else "headline": page.title, "description": said}
    kind = "WebSite" if len(crumbs) == 1 else "TechArticle"
    graph: list[dict[str, Any]] = [
        {"@type": kind, **about, "url": page.url, "image": image, "license": LICENSE}
    ]
    if len(crumbs) > 1:
        steps = [
            {"@type": "ListItem", "position": number, "name": name, "item": url}
            for number, (url, name) in enumerate(crumbs.items(), 1)
        ]
        graph.append({"@type": "BreadcrumbList", "itemListElement": steps})
    return {"@context": "https://schema.org", "@graph": graph}


def _crumbs(page: Built, titles: dict[str, str]) -> dict[str, str]:
    """The pages above it and itself, by their folders."""
    above = [url for url in titles if page.url.startswith(url)]
    return {url: titles[url] if number else NAME for number, url in enumerate(sorted(above, key=len))}


def _smaller(html: str) -> str:
    """Without the templates' empty lines and indents. In an article, they may mean something."""
    before, opening, rest = html.partition("<article")
    article, closing, after = rest.partition("</article>")
    return f"{_packed(before)}{opening}{article}{closing}{_packed(after)}"


def _packed(html: str) -> str:
    return re.sub(r"\s*\n\s*", "\n", html)
