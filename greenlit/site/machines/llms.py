"""Each page as Markdown beside its HTML, `llms.txt`, which lists them, and `llms-full.txt`, which is all of them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from mkdocs.utils.yaml import yaml_load

from greenlit.error_index import error_pages
from greenlit.site.machines.markdown import Plain, bare
from greenlit.site.navigation import pages_of

INTRODUCTION = """\
# Greenlit

> SQLAlchemy's asyncio extension under FastAPI: session lifecycle, expiry, errors and pool tuning. Every code block is a
> section of a file that was run with aiosqlite, asyncpg and psycopg, on SQLAlchemy 2.0 and 2.1. What each line sent, what it raised, and
> where a sentence does not hold was recorded by these runs.

Add `index.md` to the address of any page to get it as Markdown, with its code, the recorded ledgers (the SQL, transactions and pool events of
each line) and its claims (sentences that are run, each with where it does not hold).
"""


def write(plain: Plain, site: Path) -> None:
    pages = [page for page in plain.project.pages() if (site / plain.place(page) / "index.html").is_file()]
    texts = {page: plain.page(page) for page in pages}
    for page, text in texts.items():
        (site / plain.place(page) / "index.md").write_text(text)
    order = [page for _, group in sections(plain) for page in group if page in texts]
    full = "\n\n".join(texts[page] for page in order)
    (site / "llms-full.txt").write_text(full)
    (site / "llms.txt").write_text(listing(plain, set(pages), len(full.encode())))


def listing(plain: Plain, there: set[Path], size: int) -> str:
    causes = {page.path: " ".join(page.cause.split()) for page in error_pages(plain.project)}
    parts = [INTRODUCTION, "## For tools\n", *_for_tools(plain.base, size)]
    for heading, pages in sections(plain):
        parts.append(f"\n## {heading}\n")
        for page in pages:
            if page in there:
                said = bare(causes.get(page) or plain.description(page))
                parts.append(f"- [{_title(page)}]({plain.url(page)}index.md): {said}")
    return "\n".join(parts) + "\n"


def _for_tools(base: str, size: int) -> Iterator[str]:
    yield f"- [The skill]({base}skill/greenlit-sqlalchemy-async.md): the rules for writing such code, each with code that was run; one file"
    yield f"- [All pages in one file]({base}llms-full.txt): {size / 1e6:.1f} MB, too much for most context windows"
    yield f"- [errors.json]({base}assets/errors.json): each error with its messages, its cause and its fix"
    yield f"- [claims.json]({base}assets/claims.json): each sentence that is run, and where it does not hold"
    yield f"- [snippets.json]({base}assets/snippets.json): each file with its sections, drivers, release lines and digest"


def sections(plain: Plain) -> Iterator[tuple[str, list[Path]]]:
    """The parts of the navigation, and their pages in its order. What stands alone comes first."""
    navigation = yaml_load((plain.project.root / "mkdocs.yml").read_text())["nav"]
    found: dict[str, list[Path]] = {"Start": []}
    for entry in navigation:
        [(heading, below)] = entry.items() if isinstance(entry, dict) else [("Start", entry)]
        heading = heading if isinstance(below, list) else "Start"
        found.setdefault(heading, []).extend(plain.project.docs / name for name in pages_of(below))
    yield from found.items()


def _title(page: Path) -> str:
    title = re.search(r"^# (.+)$", page.read_text(), re.MULTILINE)
    return bare(title[1]) if title else page.stem
