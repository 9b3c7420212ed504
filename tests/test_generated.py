"""The files that are made from the error pages: written when they differ, and one line for each page."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest

from greenlit.doctor.diagnose import node
from greenlit.project import HERE, Project
from greenlit.site import moved
from greenlit.site.generated import small, stale, without_comments, write

SCRIPTS = ["copying.js", "filter.js", "first.js", "greenlit.js", "moved.js"]
PAGE = """\
---
error: {{rank: {rank}, layer: ORM, symptoms: [500], drivers: [asyncpg], cause: "See [this](x.md)."}}
---
# Page {rank}
"""


def test_they_are_written_once_and_again_when_a_page_changes(tmp_path: Path) -> None:
    project = Project(tmp_path)
    project.error_pages.mkdir(parents=True)
    project.assets.mkdir()
    moved.listing(project).parent.mkdir(parents=True)
    for rank in (2, 1):
        (project.error_pages / f"page{rank}.md").write_text(PAGE.format(rank=rank))
    assert {path.name for path in stale(project)} == {
        "addresses.txt",
        "claims.json",
        "errors.json",
        "doctor.js",
        "doctor.py",
        "calculator.js",
        "front.css",
        "greenlit.css",
        "search.css",
        "search.js",
        *SCRIPTS,
    }
    write(project)
    assert stale(project) == {}

    text = (project.assets / "errors.json").read_text()
    assert [entry["title"] for entry in json.loads(text)] == ["Page 1", "Page 2"]
    assert len(text.splitlines()) == 4, "two people who change two pages change two lines"
    assert '"cause": "See this."' in text
    assert text.removeprefix("[").removesuffix("]\n") in (project.assets / "doctor.js").read_text()

    (project.error_pages / "page1.md").write_text(PAGE.format(rank=3))
    assert {path.name for path in stale(project)} == {"errors.json", "doctor.js", "doctor.py"}


def test_a_style_sheet_is_small_and_means_the_same() -> None:
    made = small("""/* Why. */
.a :is(b, c) > d { margin: 0 auto; --x: calc(1em + 2px); }
@media (max-width: 44.9em) { .a::after { content: "$ "; } }
""")
    assert made.splitlines()[1:] == [
        ".a :is(b,c) > d{margin:0 auto;--x:calc(1em + 2px)}",
        '@media (max-width:44.9em){.a::after{content:"$ "}',
        "}",
    ]


def test_a_script_is_small_and_means_the_same(tmp_path: Path) -> None:
    script = tmp_path / "a.js"
    script.write_text("// Why.\n{\n  // And how.\n\n  const url = 'http://a'; // Here.\n}\n")
    assert without_comments([script]).splitlines()[1:] == ["{", "const url = 'http://a'; // Here.", "}"]


@pytest.mark.parametrize("name", ["doctor.js", "calculator.js", "search.js", *SCRIPTS])
def test_modules_that_are_one_script_share_no_names(name: str, tmp_path: Path) -> None:
    """Put behind one another, two constants of one name are a syntax error, which no module shows alone."""
    script = tmp_path / "script.js"
    script.write_text((HERE.assets / name).read_text())
    done = subprocess.run([node(), "--check", str(script)], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
