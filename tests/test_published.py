"""What is made of the files of a built site for those who fetch them."""

from __future__ import annotations

from pathlib import Path

from greenlit.project import HERE
from greenlit.site.published import without_markers, without_unused_styles

FILE = """\
# /// script
# ///
import asyncio

# --8<-- [start:one]


async def one() -> None:
    pass
    # --8<-- [end:one]

    print(1)

# --8<-- [start:two]


print(2)
# --8<-- [end:two]
"""
BARE = """\
# /// script
# ///
import asyncio


async def one() -> None:
    pass

    print(1)


print(2)
"""
STYLE = '<link rel="stylesheet" href="../assets/_mkdocstrings.css">'


def test_a_file_is_published_without_the_marks_of_its_sections(tmp_path: Path) -> None:
    file = tmp_path / "snippets" / "topic" / "read.py"
    file.parent.mkdir(parents=True)
    file.write_text(FILE)
    without_markers(HERE, tmp_path)
    assert file.read_text() == BARE


def test_what_a_site_only_links_to_is_left_alone(tmp_path: Path) -> None:
    """Zensical and `make serve` may put a link to the project's files into the site."""
    source = tmp_path / "project" / "read.py"
    source.parent.mkdir()
    source.write_text(FILE)
    site = tmp_path / "site"
    site.mkdir()
    (site / "snippets").symlink_to(source.parent)
    without_markers(HERE, site)
    assert source.read_text() == FILE


def test_only_pages_that_document_a_module_load_its_style_sheet(tmp_path: Path) -> None:
    for name, body in (("page", "<p>"), ("module", '<div class="doc doc-object">')):
        (tmp_path / f"{name}.html").write_text(f"<head>{STYLE}</head>{body}")
    without_unused_styles(HERE, tmp_path)
    assert STYLE not in (tmp_path / "page.html").read_text()
    assert STYLE in (tmp_path / "module.html").read_text()
