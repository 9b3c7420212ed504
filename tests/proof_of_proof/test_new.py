"""`make new`: what it writes passes as it stands, and what it cannot do leaves nothing behind."""

from __future__ import annotations

import difflib
from pathlib import Path

import pytest

from greenlit import Mistake, census
from greenlit.new import Draft, make, near
from greenlit.project import Project
from greenlit.proof.shared import renewed
from greenlit.site.generated import generated
from tests.proof_of_proof.workshop import Workshop

NAVIGATION = """\
site_url: &site !ENV [SITE_URL, "http://127.0.0.1:8000/"]
plugins:
  # A comment.
  - search:
      fields:
        title:

nav:
  - Lifecycle:
      - guides/lifecycle/index.md
      - Transactions:
          - Savepoints: guides/lifecycle/savepoints.md
      - Elsewhere:
          - guides/lifecycle/threads.md
      - guides/lifecycle/questions.md
  - Errors:
      - guides/errors/index.md
      - Every error:
          - SQLAlchemy's ORM:
              - "Known: an error": guides/errors/known.md
          - The event loop:
              - guides/errors/loop.md
"""
INDEX = """\
# How long does a session live?

- **Transactions**: [savepoints](savepoints.md),
  [questions](questions.md)

## Read more

- [SQLAlchemy](https://docs.sqlalchemy.org/)
"""
ERROR = """\
---
error:
  rank: {rank}
  layer: {layer}
  symptoms: [500]
  drivers: [aiosqlite]
  cause: One. Two.
  reported: ["it breaks in {slug}"]
---

# It breaks

@error {slug}

[Its source](https://docs.sqlalchemy.org/)
"""


@pytest.fixture
def project(workshop: Workshop) -> Project:
    """Small, and sound before anything is added."""
    project = workshop.project
    (project.docs / "guides" / "lifecycle").mkdir()
    (project.root / "mkdocs.yml").write_text(NAVIGATION)
    pages = {
        "lifecycle/index": INDEX,
        "lifecycle/savepoints": "# Savepoints\n\n## N+1 savepoints\n",
        "lifecycle/threads": "# Threads\n",
        "lifecycle/questions": "# Questions\n",
        "errors/index": "# Which error do you have?\n\n@errors rank\n",
        "errors/known": ERROR.format(slug="known", rank=1, layer="ORM"),
        "errors/loop": ERROR.format(slug="loop", rank=2, layer="event loop"),
    }
    for name, text in pages.items():
        (project.docs / "guides" / f"{name}.md").write_text(text)
    catalogue(project)
    assert list(census.problems(project)) == []
    return project


def catalogue(project: Project) -> None:
    for path, text in generated(project).items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)


def everything(project: Project) -> dict[Path, str]:
    return {path: path.read_text() for path in project.root.rglob("*") if path.is_file()}


def added(before: str, after: str) -> list[str]:
    """The lines that are new. All others must be as they were."""
    changed = [line for line in difflib.ndiff(before.splitlines(), after.splitlines()) if line[0] in "+-"]
    assert all(line.startswith("+ ") for line in changed)
    return [line[2:] for line in changed]


@pytest.mark.parametrize("page", ["errors/some_error", "lifecycle/some_page"])
def test_a_new_page_is_proven_as_it_stands(workshop: Workshop, project: Project, page: str) -> None:
    make(project, page, "some_idea")
    for name in project.names():
        workshop.update(project.snippet(name))
    assert project.names() == [f"{page}/some_idea", f"{page}/some_idea_breaks"]
    for name in project.names():
        workshop.accept(project.snippet(name))
    catalogue(project)
    assert list(census.problems(project)) == []


@pytest.mark.parametrize(
    "page, under, row, above",
    [
        ("lifecycle/some_page", "", "          - Some page: guides/lifecycle/some_page.md", "threads.md"),
        (
            "lifecycle/some_page",
            "Transactions",
            "          - Some page: guides/lifecycle/some_page.md",
            "savepoints.md",
        ),
        ("errors/some_error", "", "              - Some error: guides/errors/some_error.md", "known.md"),
        (
            "errors/some_error",
            "The event loop",
            "              - Some error: guides/errors/some_error.md",
            "loop.md",
        ),
    ],
)
def test_it_gets_its_place_in_the_navigation(
    project: Project, page: str, under: str, row: str, above: str
) -> None:
    make(project, page, "some_idea", under)
    after = (project.root / "mkdocs.yml").read_text()
    assert added(NAVIGATION, after) == [row]
    lines = after.splitlines()
    assert lines[lines.index(row) - 1].endswith(f"/{above}")


def test_a_list_of_a_guide_names_it(project: Project) -> None:
    make(project, "lifecycle/some_page", "some_idea")
    after = (project.docs / "guides/lifecycle/index.md").read_text()
    assert added(INDEX, after) == ["- **Some page**: [what it is, and what to do](some_page.md)"]
    assert "questions.md)\n- **Some page**" in after


def test_an_error_knows_the_layer_that_it_stands_below(project: Project) -> None:
    make(project, "errors/some_error", "some_idea", "The event loop")
    page = (project.error_pages / "some_error.md").read_text()
    assert "  rank: 3\n  layer: event loop\n" in page


def test_a_page_that_exists_gets_the_pair_alone(project: Project, capsys: pytest.CaptureFixture[str]) -> None:
    before = everything(project)
    make(project, "lifecycle/savepoints", "some_idea")
    new = everything(project).keys() - before.keys()
    assert {path.name for path in new} == {"some_idea.py", "some_idea_breaks.py"}
    assert before.items() <= everything(project).items()
    assert "@fix lifecycle/savepoints/some_idea\n" in capsys.readouterr().out


def test_claims_for_a_page_that_exists(
    project: Project, workshop: Workshop, capsys: pytest.CaptureFixture[str]
) -> None:
    make(project, "lifecycle/savepoints", "claims")
    assert "\n@claims lifecycle/savepoints/claims\n" in capsys.readouterr().out
    snippet = project.snippet("lifecycle/savepoints/claims")
    assert renewed(snippet) == snippet, "greenlit/templates/claims.py ends as greenlit/proof/shared.py says"
    workshop.update(snippet)
    workshop.accept(snippet)


def test_a_subject_that_exists_already_is_named(project: Project, capsys: pytest.CaptureFixture[str]) -> None:
    make(project, "lifecycle/n_plus_one", "count")
    assert "docs/guides/lifecycle/savepoints.md:3: N+1 savepoints" in capsys.readouterr().out
    assert near(Draft(project, "errors", "replica")) == []


@pytest.mark.parametrize(
    "page, idea, under, message",
    [
        ("", "", "", "PAGE=: write it like errors/some_error; the guides are errors, lifecycle"),
        ("errors", "one", "", "PAGE=errors: write it like"),
        ("cellar/one", "one", "", "PAGE=cellar/one: write it like"),
        ("errors/../one", "one", "", "PAGE=errors/../one: write it like"),
        ("errors/One", "one", "", "PAGE=errors/One: write it like"),
        ("errors/one", "", "", "IDEA=: write it like some_idea"),
        ("errors/one", "a/b", "", "IDEA=a/b: write it like"),
        ("errors/one", "one_breaks", "", "IDEA=one_breaks: write it like some_idea; '_breaks' is added"),
        ("errors/one", "claims", "", "PAGE=errors/one: claims need a page that shows them"),
        ("errors/one", "one", "Cellar", "UNDER=Cellar: the headings in mkdocs.yml are SQLAlchemy's ORM, The"),
        (
            "lifecycle/threads",
            "there",
            "",
            "snippets/lifecycle/threads/there_breaks.py exists: choose another",
        ),
    ],
)
def test_what_it_cannot_do_leaves_nothing_behind(
    project: Project, page: str, idea: str, under: str, message: str
) -> None:
    there = project.snippets / "lifecycle" / "threads" / "there_breaks.py"
    there.parent.mkdir(parents=True)
    there.write_text("x = 1\n")
    before = everything(project)
    with pytest.raises(Mistake) as mistake:
        make(project, page, idea, under)
    assert str(mistake.value).startswith(message)
    assert everything(project) == before
