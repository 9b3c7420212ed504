"""The turns of speech that `make lint` finds: in all that a reader reads, and in nothing else."""

from __future__ import annotations

from pathlib import Path

import pytest
from proselint.checks import __register__

from greenlit.census import prose
from greenlit.project import Project

PAGE = """\
---
description: "It is nobody's."
error:
  cause: >-
    It belongs into
    a list.
  says: ["somebody reckons"]
---
# The title says so

You can't reckon it; nobody's session can.

```text
nobody
```

@snippet nobody/says/so
Ask `nobody`, [or](somebody.md) <!-- nobody -->.

## Postgres

Postgres does it.
"""
CLAIMS = '''\
def claim_nobody() -> None:
    """Nobody `reckons` it."""
    somebody = "nobody"
'''


@pytest.fixture
def project(tmp_path: Path) -> Project:
    project = Project(tmp_path)
    page, claims = project.docs / "guides" / "page.md", project.snippets / "guide" / "page" / "claims.py"
    for path, text in {page: PAGE, claims: CLAIMS, **{tmp_path / name: "" for name in prose.OTHERS}}.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return project


def test_what_a_reader_reads_and_nothing_else(project: Project) -> None:
    found = [message.split(": better")[0] for message in prose.problems(project)]
    assert found == [
        "docs/guides/page.md:2: 'nobody'",
        "docs/guides/page.md:5: 'belongs into'",
        "docs/guides/page.md:9: 'says so'",
        "docs/guides/page.md:11: 'reckon'",
        "docs/guides/page.md:11: 'nobody'",
        "snippets/guide/page/claims.py:2: 'Nobody'",
    ]


@pytest.mark.parametrize("check", prose.KEPT)
def test_the_checks_of_proselint_exist(check: str) -> None:
    assert any(known.matches_partial(check) for known in __register__)
