"""Could Zensical, the successor of Material for MkDocs, take over today? `make canary`

It builds the same pages with both and compares the list of pages and the text of every article.
"""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import tempfile
from html.parser import HTMLParser
from pathlib import Path

from greenlit.project import HERE


class Article(HTMLParser):
    """The words of a page's article, without what the two themes add around it."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.words: list[str] = []
        self._depth = self._skipped = 0
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._depth += tag == "article"
        self._skipped += (
            tag in ("script", "style", "svg", "nav", "button") or dict(attrs).get("class") == "headerlink"
        )

    def handle_endtag(self, tag: str) -> None:
        self._depth -= tag == "article"
        if self._skipped:
            self._skipped -= tag in ("script", "style", "svg", "nav", "button", "a")

    def handle_data(self, data: str) -> None:
        if self._depth and not self._skipped:
            self.words += data.split()


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        # Zensical writes into the folder of its configuration.
        copy = Path(folder) / "copy"
        shutil.copytree(HERE.root, copy, symlinks=True, ignore=shutil.ignore_patterns(".*", "site", "tests"))
        with_mkdocs, with_zensical = Path(folder) / "site", copy / "site"
        _build("mkdocs", "build", "--strict", "--site-dir", str(with_mkdocs), cwd=HERE.root)
        _build("zensical", "build", "--strict", cwd=copy)
        differences = list(_compare(with_mkdocs, with_zensical))
    pages = len(HERE.pages())
    print("\n".join(differences) or f"Zensical builds the same {pages} pages, word for word")
    sys.exit(1 if differences else 0)


def _build(tool: str, *arguments: str, cwd: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", tool, *arguments], cwd=cwd, capture_output=True, text=True, check=False
    )
    if done.returncode:
        said = re.sub(r"\x1b\[[\d;]*m", "", done.stdout + done.stderr)
        sys.exit(f"{tool} does not build the site:\n{said[-4000:]}")


def _compare(ours: Path, theirs: Path) -> list[str]:
    pages = {path.relative_to(ours) for path in ours.rglob("index.html")}
    found = {path.relative_to(theirs) for path in theirs.rglob("index.html")}
    problems = [f"{page}: only one of the two builds it" for page in sorted(pages ^ found)]
    for page in sorted(pages & found):
        here, there = (Article((site / page).read_text()).words for site in (ours, theirs))
        if here != there:
            at = next(
                (i for i, (a, b) in enumerate(zip(here, there, strict=False)) if a != b),
                min(len(here), len(there)),
            )
            problems.append(
                f"{page}: MkDocs says '… {' '.join(here[at : at + 8])} …', Zensical '… {' '.join(there[at : at + 8])} …'"
            )
    return problems


if __name__ == "__main__":
    main()
