"""What machines read, in the built site: each link leads somewhere, and the page for agents says how large things are."""

from __future__ import annotations

import re
import zipfile
from pathlib import Path
from urllib.parse import unquote

import pytest

from greenlit.site.machines.skill import NAME
from tests.site.conftest import ANYWHERE
from tests.site.visit import Site

HOW_EXACT = 0.2
"""A size on the page may be off by this part of itself."""


def leads_nowhere(site: Site, text: str) -> list[str]:
    """The links to this site whose file or anchor is not there."""
    lost = []
    for target in sorted(set(re.findall(rf"\]\({re.escape(site.url)}([^)\s]*)\)", text))):
        path, _, anchor = target.partition("#")
        file = site.folder / path.partition("?")[0]
        file = file / "index.html" if file.is_dir() else file
        if not file.is_file() or (anchor and f'id="{anchor}"' not in file.read_text()):
            lost.append(target)
    return lost


def test_each_page_has_its_markdown_beside_it_and_names_it(site: Site) -> None:
    pages = [
        page for page in site.folder.rglob("index.html") if 'http-equiv="refresh"' not in page.read_text()
    ]
    assert len(pages) > 200
    for page in pages:
        assert page.with_suffix(".md").is_file(), f"{page.relative_to(site.folder)} has no Markdown"
        assert re.search(
            r'<link rel="alternate " type="?text/markdown"? href="?index.md"?>', page.read_text()
        )


@pytest.mark.parametrize("name", ["llms.txt", "llms-full.txt", f"skill/{NAME}.md"])
def test_each_link_leads_somewhere(site: Site, name: str) -> None:
    text = (site.folder / name).read_text()
    assert f"]({site.url}" in text
    assert leads_nowhere(site, text) == []


def test_the_page_for_agents_leads_to_all_of_it(site: Site) -> None:
    hrefs = re.findall(
        r'href="\.\./([^"#?]+)', site.html("machines").partition("<article")[2].partition("</article")[0]
    )
    there = {path.relative_to(site.folder).as_posix() for path in site.folder.rglob("*")}
    made = {f"skill/{NAME}.zip", f"skill/{NAME}.md", f"skill/{NAME}/SKILL.md", "llms.txt", "llms-full.txt"}
    found = {unquote(href).rstrip("/") for href in hrefs}
    assert found <= there and made | {"assets/snippets.json", "assets/claims.json"} <= found


def test_the_archive_is_the_folder(site: Site) -> None:
    folder = site.folder / "skill" / NAME
    there = {path.relative_to(folder.parent).as_posix(): path.read_text() for path in folder.rglob("*.md")}
    with zipfile.ZipFile(folder.with_suffix(".zip")) as archive:
        # It has the address that the site was built for; the files beside it, that of this test's server.
        packed = {
            name: archive.read(name).decode().replace(ANYWHERE, site.url) for name in archive.namelist()
        }
    assert packed == there and len(there) == 9


def test_the_sizes_on_the_page_are_right(site: Site) -> None:
    text = re.sub(r"<[^>]+>", "", (site.folder / "machines" / "index.html").read_text())
    references = sum(path.stat().st_size for path in (site.folder / "skill" / NAME / "references").iterdir())
    pages = [path.stat().st_size for path in site.folder.rglob("index.md")]
    sizes = {
        rf"{NAME}\.zip \(([\d.]+) kB\)": size(site, f"skill/{NAME}.zip"),
        rf"{NAME}/SKILL\.md \(([\d.]+) kB\)": size(site, f"skill/{NAME}/SKILL.md"),
        r"references/ \(([\d.]+) kB\)": references,
        rf"{NAME}\.md \(([\d.]+) kB\)": size(site, f"skill/{NAME}.md"),
        r"llms\.txt \(([\d.]+) kB\)": size(site, "llms.txt"),
        r"llms-full\.txt \(([\d.]+) MB\)": size(site, "llms-full.txt") / 1000,
        r"A page has ([\d.]+) kB": sum(pages) / len(pages),
    }
    for pattern, there in sizes.items():
        said = re.search(pattern, text)
        assert said, pattern
        assert float(said[1]) * 1000 == pytest.approx(there, rel=HOW_EXACT), (
            f"{said[0]}: it has {there:.0f} bytes"
        )


def size(site: Site, name: str) -> int:
    return Path(site.folder / name).stat().st_size
