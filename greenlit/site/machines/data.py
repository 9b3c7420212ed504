"""Every snippet for a reader's own tools: `snippets.json`. The claims are in `claims.json`, the errors in `errors.json`."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from greenlit.record import Record, Run
from greenlit.site.directive import DIRECTIVE
from greenlit.site.machines.markdown import Plain
from greenlit.snippet import Section, Snippet
from greenlit.unmarked import place, unmarked


def write(plain: Plain, site: Path) -> None:
    entries = ",\n".join(json.dumps(entry, ensure_ascii=False) for entry in snippets(plain))
    (site / "assets" / "snippets.json").write_text(f"[\n{entries}\n]\n")


def snippets(plain: Plain) -> Iterator[dict[str, Any]]:
    shown = _shown(plain)
    for snippet in plain.project.all():
        yield {key: value for key, value in _entry(snippet, shown).items() if value not in ([], "", None)}


def _shown(plain: Plain) -> dict[str, list[str]]:
    """The pages that show something of a file."""
    found: dict[str, dict[str, None]] = {}
    for page in plain.project.pages():
        for line in page.read_text().splitlines():
            if match := DIRECTIVE.match(line.strip()):
                name = (match["target"] or "").partition("#")[0]
                found.setdefault(name, {})[plain.place(page)] = None
    return {name: list(pages) for name, pages in found.items()}


def _entry(snippet: Snippet, shown: dict[str, list[str]]) -> dict[str, Any]:
    runs = Record.of(snippet).runs
    pages = shown.get(snippet.name) or shown.get(snippet.twin or "") or []
    return {
        "path": snippet.shown_path,
        "pages": pages,
        "sections": {name: _lines(snippet, part) for name, part in snippet.sections.items()},
        **about(snippet, runs),
        "requires": snippet.dependencies,
        "twin": f"snippets/{snippet.twin}.py" if snippet.twin else "",
        "breaks": snippet.breaks or None,
        "raises": snippet.raises,
        "shows": snippet.declarations.get("silent") or snippet.declarations.get("leaks") or "",
        "needs": snippet.needs,
    }


def _lines(snippet: Snippet, section: Section) -> list[int]:
    """The first and the last line of what a page shows, in the file as it is published."""
    first = section.start + section.skipped + 1
    return [place(snippet.source, line) for line in (first, first + len(section.text.splitlines()) - 1)]


def about(snippet: Snippet, runs: list[Run]) -> dict[str, Any]:
    """On what it was run, and the digest of the file as it is published."""
    return {
        "drivers": snippet.drivers,
        "recorded": list(dict.fromkeys(run.release for run in runs if run.release)),
        "sha256": hashlib.sha256(unmarked(snippet.source).encode()).hexdigest(),
    }
