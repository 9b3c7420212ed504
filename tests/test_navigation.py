"""The navigation: every page is in it, and the errors stand as their front matter orders them."""

from __future__ import annotations

from pathlib import Path

import pytest

from greenlit.project import HERE, Project
from greenlit.site.navigation import labels, problems

NAVIGATION = """\
site_url: &site !ENV [SITE_URL, "http://127.0.0.1:8000/"]
nav:
  - index.md
  - Errors:
      - guides/errors/index.md
      - Every error:
          - SQLAlchemy's ORM:
              - guides/errors/first.md
              - guides/errors/second.md
          - Python:
              - guides/errors/third.md
"""


@pytest.fixture
def project(tmp_path: Path) -> Project:
    made = Project(tmp_path)
    made.error_pages.mkdir(parents=True)
    for rank, (slug, layer) in enumerate([("first", "ORM"), ("second", "ORM"), ("third", "Python")], 1):
        front = f"error: {{rank: {rank}, layer: {layer}, symptoms: [500], drivers: [asyncpg], cause: c}}"
        (made.error_pages / f"{slug}.md").write_text(f"---\n{front}\n---\n# {slug}\n")
    (made.error_pages / "index.md").write_text("# Errors\n")
    (made.docs / "index.md").write_text("# Home\n")
    return made


def found(project: Project, navigation: str) -> list[str]:
    (project.root / "mkdocs.yml").write_text(navigation)
    return list(problems(project))


def test_ours_is_complete_and_in_order() -> None:
    assert list(problems(HERE)) == []


def test_one_that_is_complete_and_in_order(project: Project) -> None:
    assert found(project, NAVIGATION) == []


def test_a_page_that_it_lacks(project: Project) -> None:
    (project.docs / "guides" / "lost.md").write_text("# Lost\n")
    [problem] = found(project, NAVIGATION)
    assert problem == (
        "docs/guides/lost.md:1: the navigation does not have it: add '- Label: guides/lost.md' below 'nav:' in mkdocs.yml"
    )


def test_a_label_that_is_too_long(project: Project) -> None:
    """A page without a label stands there with its title."""
    index = project.error_pages / "index.md"
    index.write_text("# " + "x" * 30 + "\n")
    assert found(project, NAVIGATION) == []
    index.write_text("# " + "x" * 31 + "\n")
    [problem] = found(project, NAVIGATION)
    assert problem.startswith(
        f"mkdocs.yml:5: '{'x' * 31}' has 31 characters: write '- Label: guides/errors/index.md'"
    )
    assert found(project, NAVIGATION.replace("- guides/errors/index", "- Short: guides/errors/index")) == []
    [problem] = found(
        project, NAVIGATION.replace("- guides/errors/index", f"- {'y' * 31}: guides/errors/index")
    )
    assert problem.startswith(f"mkdocs.yml:5: '{'y' * 31}'")


def test_labels_do_not_hide_the_order_of_errors(project: Project) -> None:
    labelled = NAVIGATION.replace("- guides/errors/first", "- First: guides/errors/first")
    assert found(project, labelled) == []
    assert labels(Project(project.root)) == {"guides/errors/first.md": "First"}


def test_errors_that_are_not_in_the_order_of_their_rank(project: Project) -> None:
    first, second = "guides/errors/first.md", "guides/errors/second.md"
    swapped = NAVIGATION.replace(first, "...").replace(second, first).replace("...", second)
    [problem] = found(project, swapped)
    assert problem.startswith(
        "mkdocs.yml:8: the page of this place is guides/errors/first.md: order the errors"
    )


def test_an_error_in_another_layer(project: Project) -> None:
    moved = (
        NAVIGATION.replace("              - guides/errors/second.md\n", "")
        + "              - guides/errors/second.md\n"
    )
    [problem] = found(project, moved)
    assert problem == "mkdocs.yml:11: its front matter has another layer than 'Python': move it there"


def test_layers_that_are_named_otherwise(project: Project) -> None:
    first, *_ = found(project, NAVIGATION.replace("Python:", "Other:"))
    assert first.startswith(
        "mkdocs.yml:6: below 'Every error' stand SQLAlchemy's ORM, Other: write SQLAlchemy's ORM, Python"
    )
