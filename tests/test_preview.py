"""`make serve`: a change costs only the pages that it touches, and leaves the site that a whole build makes."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from greenlit.project import Project
from greenlit.site.preview import Preview, Restart

CONFIG = """\
site_name: Small
theme: {name: material, font: false}
plugins: []
validation: {links: {absolute_links: relative_to_docs}}
markdown_extensions: [greenlit.site.directive]
extra_css: [assets/style.css]
"""
PAGES = {
    "index.md": "# Home\n\n[Read](guides/topic/page.md)\n",
    "guides/topic/page.md": "# Reading\n\n@code topic/page/read#read\n",
    "guides/topic/other.md": "# Other\n\nNothing of it.\n",
    "guides/chart.md": "# A chart\n\n@chart wait\n",
    "assets/style.css": "a { color: red }\n",
    "assets/errors.json": "[]\n",
}
SNIPPET = "# --8<-- [start:read]\nprint(1)\n# --8<-- [end:read]\n"


class Desk:
    """A small site, and its preview."""

    def __init__(self, root: Path) -> None:
        self.project, self.root = Project(root), root
        self.write("mkdocs.yml", CONFIG)
        for name, text in PAGES.items():
            self.write(f"docs/{name}", text)
        self.write("snippets/topic/page/read.py", SNIPPET)
        self.write("snippets/lab/charts/wait.svg", "<svg/>")
        (root / "docs" / "snippets").symlink_to("../snippets")
        self.preview = self.fresh("site")

    def write(self, name: str, text: str) -> None:
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        # Two writes within a tick of the clock: an author does not type as fast.
        self._clock = getattr(self, "_clock", 10**18) + 10**9
        os.utime(path, ns=(self._clock, self._clock))

    def fresh(self, name: str) -> Preview:
        preview = Preview(self.project, "http://127.0.0.1:8000/", self.root / name)
        preview.refresh()
        return preview

    def served(self, name: str) -> str:
        return (self.preview.folder / name).read_text()

    def files(self, preview: Preview) -> dict[str, object]:
        paths = [path for path in preview.folder.rglob("*") if path.is_file() and path.suffix != ".gz"]
        return {str(p.relative_to(preview.folder)): p.read_bytes() for p in paths}

    def is_as_if_built_anew(self) -> bool:
        shutil.rmtree(self.root / "anew", ignore_errors=True)
        return self.files(self.preview) == self.files(self.fresh("anew"))

    def rewritten(self, change: Callable[[], None]) -> set[str]:
        """The pages that a change made MkDocs write."""
        pages = list(self.preview.folder.rglob("*.html"))
        for page in pages:
            os.utime(page, (0, 0))
        change()
        self.preview.refresh()
        return {str(p.relative_to(self.preview.folder)) for p in pages if p.exists() and p.stat().st_mtime}


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path)


PAGE = "guides/topic/page/index.html"


@pytest.mark.parametrize(
    "name, text, page, shown",
    [
        (
            "docs/guides/topic/other.md",
            "# Other\n\nSomething.\n",
            "guides/topic/other/index.html",
            "Something",
        ),
        ("snippets/topic/page/read.py", SNIPPET.replace("1", "4711"), PAGE, "4711"),
        ("snippets/lab/charts/wait.svg", "<svg>4711</svg>", "guides/chart/index.html", "4711"),
    ],
    ids=["page", "snippet", "chart"],
)
def test_only_the_page_that_shows_it_is_built(
    desk: Desk, name: str, text: str, page: str, shown: str
) -> None:
    assert desk.rewritten(lambda: desk.write(name, text)) == {page}
    assert shown in desk.served(page)
    assert desk.is_as_if_built_anew()


def test_a_ledger_and_a_stylesheet(desk: Desk) -> None:
    desk.write("docs/guides/topic/page.md", "# Reading\n\n@snippet topic/page/read#read\n")
    desk.preview.refresh()
    assert "nothing is recorded for snippets/topic/page/read.py" in desk.served(PAGE)
    ledger = "\n== asyncpg\nproven on: asyncpg 0.32.0\n\n[read]\n1: print(1)\n    pool    checkout\n"
    assert desk.rewritten(lambda: desk.write("snippets/topic/page/read.ledger", ledger)) == {PAGE}
    assert "gl-take" in desk.served(PAGE)
    assert desk.rewritten(lambda: desk.write("docs/assets/style.css", "a { color: blue }\n")) == set()
    assert "blue" in desk.served("assets/style.css")
    assert desk.is_as_if_built_anew()


def test_a_snippet_that_comes_after_its_page_and_goes_again(desk: Desk) -> None:
    desk.write("docs/guides/topic/page.md", "# Reading\n\n@code topic/page/new#read\n")
    desk.preview.refresh()
    assert "This page has a mistake" in desk.served(PAGE)
    desk.write("snippets/topic/page/new.py", SNIPPET)
    desk.preview.refresh()
    assert "This page has a mistake" not in desk.served(PAGE)
    assert desk.is_as_if_built_anew()
    (desk.root / "snippets/topic/page/new.py").unlink()
    desk.preview.refresh()
    assert "This page has a mistake" in desk.served(PAGE)
    assert desk.is_as_if_built_anew()


def test_a_title_is_in_the_navigation_of_all_pages(desk: Desk) -> None:
    desk.write("docs/guides/topic/other.md", "# Another title\n")
    desk.preview.refresh()
    assert "Another title" in desk.served("index.html")
    assert desk.is_as_if_built_anew()


def test_a_new_page_is_in_the_navigation_of_all_pages(desk: Desk) -> None:
    desk.write("docs/guides/topic/third.md", "# The third\n")
    desk.preview.refresh()
    assert "The third" in desk.served("index.html")
    assert desk.is_as_if_built_anew()


def test_what_fails_is_tried_again(desk: Desk) -> None:
    desk.write("mkdocs.yml", CONFIG.replace("material", "none"))
    with pytest.raises((Exception, SystemExit)):
        desk.preview.refresh()
    desk.write("mkdocs.yml", CONFIG.replace("Small", "Great"))
    desk.preview.refresh()
    assert "Great" in desk.served("index.html")


def test_the_machinery_starts_anew(desk: Desk) -> None:
    desk.write("greenlit/site/page.py", "")
    with pytest.raises(Restart):
        desk.preview.refresh()
