"""A small project, whose directives the tests of this folder render."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from markdown import markdown

from greenlit.project import Project
from greenlit.site.directive import SnippetExtension

READ = """\
# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy==2.1.*"]
# ///
# also: sqlalchemy==2.0.*
# drivers: asyncpg (the others have no such setting)
# --8<-- [start:read]
if True:
    print(user.name)
    #> Ada
# --8<-- [end:read]
# --8<-- [start:table]
print("call | result")
#> call | result
print("get | `old`")
#> get | `old`
# --8<-- [end:table]
# --8<-- [start:order]
print("session opens")
#> session opens
print("response sent")
#> response sent
# --8<-- [end:order]
"""
BREAKS = READ.replace("user.name", "user").replace("# also", "# raises: ValueError\n# also")
LEDGER = """\
What running it did.

== asyncpg
proven on: SQLAlchemy 2.1.9, asyncpg 0.32.0

[read]
2: print(user.name)
    pool    checkout
    pool    checkin

== asyncpg with sqlalchemy==2.0.*
proven on: SQLAlchemy 2.0.44, asyncpg 0.32.0
printed: Ada

[read]
2: print(user.name)
    raised  ValueError: <no>
"""
ERROR = """\
---
error:
  rank: 1
  layer: ORM
  symptoms: ["500"]
  drivers: [asyncpg]
  cause: It was not loaded.
  classes: [MissingGreenlet]
  says: [greenlet_spawn has not been called]
  code: xd2s
---
# It is missing
"""


@pytest.fixture
def project(tmp_path: Path) -> Project:
    made = Project(tmp_path)
    folder = made.snippets / "topic" / "page"
    for path in (folder, made.charts, made.error_pages):
        path.mkdir(parents=True)
    (folder / "read.py").write_text(READ)
    (folder / "read_breaks.py").write_text(BREAKS)
    (folder / "read.ledger").write_text(LEDGER)
    (made.error_pages / "missing.md").write_text(ERROR)
    (made.charts / "wait.svg").write_text("<svg/>\n")
    return made


def shown(project: Project, text: str) -> str:
    html = markdown(text, extensions=[SnippetExtension(project, base_url="https://here/")])
    return re.sub(r"\n(?=<)", "", html)
