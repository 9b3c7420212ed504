"""Every address that a page has had: it is a page, or leads to one."""

from __future__ import annotations

from pathlib import Path

import pytest

from greenlit.project import HERE, Project
from greenlit.site import links, moved

TARGET = '<head><link rel="canonical" href="http://site.invalid/guides/new/"></head>'


@pytest.fixture
def project(tmp_path: Path) -> Project:
    made = Project(tmp_path)
    for name in ("index", "guides/index", "guides/new"):
        page = made.docs / f"{name}.md"
        page.parent.mkdir(parents=True, exist_ok=True)
        page.write_text("# A page\n")
    moved.listing(made).parent.mkdir(parents=True)
    written(made)
    return made


def written(project: Project) -> None:
    """What `make catalogue` does."""
    text = moved.completed(project)
    moved.listing(project).write_text(text)


def renamed(project: Project, old: str, new: str) -> None:
    listing = moved.listing(project)
    listing.write_text(listing.read_text().replace(f"{old}\n", f"{old} -> {new}\n"))


def found(project: Project) -> str:
    return "\n".join(moved.problems(project))


def test_this_project() -> None:
    assert found(HERE) == ""
    assert moved.rows(HERE)["guides/errors/by_layer.md"] == "guides/errors/index.md"


def test_the_list_has_every_page(project: Project) -> None:
    assert list(moved.rows(project)) == ["guides/index.md", "guides/new.md", "index.md"]
    assert found(project) == ""


def test_a_page_that_is_renamed_without_a_word(project: Project) -> None:
    (project.docs / "guides" / "new.md").rename(project.docs / "guides" / "newer.md")
    written(project)
    assert found(project) == (
        "greenlit/site/addresses.txt:3: guides/new.md is no page any more: "
        "write 'guides/new.md -> guides/new_name.md', for links from elsewhere"
    )
    renamed(project, "guides/new.md", "guides/newer.md")
    written(project)
    assert found(project) == ""


def test_an_arrow_that_leads_nowhere(project: Project) -> None:
    (project.docs / "guides" / "new.md").unlink()
    renamed(project, "guides/new.md", "guides/gone.md")
    assert found(project).endswith("guides/new.md leads to guides/gone.md, which is no page")


def test_an_arrow_at_a_page_that_is_there(project: Project) -> None:
    renamed(project, "guides/new.md", "guides/index.md")
    assert found(project).endswith("guides/new.md is a page: take the arrow away")


@pytest.mark.parametrize(
    "name, address",
    [("index.md", ""), ("a/index.md", "a/"), ("a/b.md", "a/b/"), ("a/reindex.md", "a/reindex/")],
)
def test_the_address_of_a_page(name: str, address: str) -> None:
    assert moved.address(name) == address


def test_links_that_are_left_are_resolved(project: Project, tmp_path: Path) -> None:
    """As Zensical leaves those of the directives."""
    site = tmp_path / "site"
    (site / "guides" / "new").mkdir(parents=True)
    page, home = site / "guides" / "new" / "index.html", site / "index.html"
    left = '<a href="/guides/index.md#part">a</a> <a class="b" href="/index.md">b</a> <a href="/snippets/a.py">c</a> /run.md'
    page.write_text(left)
    home.write_text(left)
    links.resolve(project, site)
    rest = '<a href="/snippets/a.py">c</a> /run.md'
    assert page.read_text() == f'<a href="../../guides/#part">a</a> <a class="b" href="../../">b</a> {rest}'
    assert home.read_text() == f'<a href="guides/#part">a</a> <a class="b" href="./">b</a> {rest}'


def test_the_page_that_sends_on(project: Project, tmp_path: Path) -> None:
    """Relative, so that it works below any path; the target says where it is for search engines."""
    site = tmp_path / "site"
    (site / "guides" / "new").mkdir(parents=True)
    (site / "guides" / "new" / "index.html").write_text(TARGET)
    listing = moved.listing(project)
    listing.write_text(listing.read_text() + "guides/old/one.md -> guides/new.md\n")
    moved.send_on(project, site)
    page = (site / "guides" / "old" / "one" / "index.html").read_text()
    assert '<link rel="canonical" href="http://site.invalid/guides/new/">' in page
    assert 'content="0; url=../../../guides/new/"' in page
    assert '<a href="../../../guides/new/">' in page
    assert (site / "guides" / "new" / "index.html").read_text() == TARGET
