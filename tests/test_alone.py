"""A file on its own, as a reader runs it: with SQLite at once, with a PostgreSQL by the line that its page gives."""

from __future__ import annotations

import ast
import html
import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from markdown import Markdown

from greenlit import alone
from greenlit.project import HERE, Project
from greenlit.site.directive import SnippetExtension

LOCKS = "lifecycle/locking/skip"
STOP = ["uv", "run", str(HERE.root / alone.STARTER), "--stop"]


@pytest.fixture
def home() -> Iterator[Path]:
    """A folder with a short name: the address of a Unix socket has 107 characters at most."""
    with tempfile.TemporaryDirectory(prefix="alone-") as folder:
        yield Path(folder)


@pytest.fixture
def reader(home: Path) -> Iterator[dict[str, str]]:
    """The environment of a reader who has uv and nothing else; a server of theirs is stopped at last."""
    ours = ("DATABASE_URL", "PYTHONPATH", "VIRTUAL_ENV")
    environment = {name: value for name, value in os.environ.items() if name not in ours}
    environment["TMPDIR"] = str(home)
    yield environment
    subprocess.run(STOP, env=environment, cwd=home, check=True)


def commands(page: Path) -> list[str]:
    """The commands of a page, with this checkout in place of the site."""
    markdown = Markdown(extensions=[SnippetExtension(base_url=str(HERE.root))])
    boxes = re.findall(r'"gl-run.*?<code>(.*?)</code>', markdown.convert(page.read_text()), re.DOTALL)
    return [html.unescape(box).strip() for box in boxes]


def test_the_line_of_the_page_starts_a_postgresql_and_runs_the_file(
    reader: dict[str, str], home: Path
) -> None:
    line = next(line for line in commands(HERE.docs / "run.md") if LOCKS in line)
    for _ in range(2):  # The second time the server runs already, and the tables are there.
        done = subprocess.run(["bash", "-c", line], env=reader, cwd=home, capture_output=True, text=True)
        assert done.stdout.splitlines() == HERE.snippet(LOCKS).output, done.stderr
    subprocess.run(STOP, env=reader, cwd=home, check=True)
    assert not list(home.glob("greenlit-postgres-*"))


@pytest.mark.parametrize("name", [LOCKS, "errors/event_loop_closed/script", "pool/pgbouncer/modes"])
def test_without_an_address_it_says_what_it_needs(name: str, tmp_path: Path) -> None:
    environment = {key: value for key, value in os.environ.items() if key != alone.NAME}
    snippet = HERE.snippet(name)
    done = subprocess.run(
        [sys.executable, snippet.path], env=environment, cwd=tmp_path, capture_output=True, text=True
    )
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == f"{alone.message(snippet)}\n"
    assert done.stderr.startswith("needs ")


def problems(project: Project) -> list[str]:
    return list(alone.problems(project.all(), lambda snippet: list(ast.walk(ast.parse(snippet.source)))))


def test_every_file_falls_back_to_sqlite_where_that_shows_its_point() -> None:
    assert problems(HERE) == []


@pytest.mark.parametrize(
    "drivers, code, complaint",
    [
        ("asyncpg", 'os.environ["DATABASE_URL"]', "does not end at once"),
        (
            "asyncpg",
            'os.environ.get("DATABASE_URL", "sqlite+aiosqlite:///greenlit.db")',
            "does not end at once",
        ),
        (
            "psycopg",
            f'sys.exit("needs PostgreSQL: {alone.NAME}=postgresql+asyncpg://...")',
            "does not end at once",
        ),
        ("aiosqlite", 'os.environ["DATABASE_URL"]', "another default"),
        ("aiosqlite", 'os.environ.get("DATABASE_URL", "sqlite+aiosqlite://")', "another default"),
    ],
)
def test_a_default_that_misleads_is_named(drivers: str, code: str, complaint: str, tmp_path: Path) -> None:
    folder = tmp_path / "snippets" / "guide" / "page"
    folder.mkdir(parents=True)
    (folder / "idea.py").write_text(
        f"# drivers: {drivers} (a reason that is long)\nimport os\n\nurl = {code}\n"
    )
    found = problems(Project(tmp_path))
    assert len(found) == 1
    assert found[0].startswith("snippets/guide/page/idea.py:")
    assert complaint in found[0]


def test_a_fix_asks_for_the_database_on_which_its_twin_breaks() -> None:
    """A fix that would run on SQLite as well shows nothing there: its twin does not break."""
    fix = HERE.snippet("errors/driver_strict_types/store")
    assert "aiosqlite" in fix.drivers
    assert alone.message(fix).startswith("needs PostgreSQL")


def test_the_command_is_for_a_driver_that_the_file_claims() -> None:
    assert "--driver psycopg" in alone.run_command(HERE.snippet("lifecycle/def_endpoints/jam"), "")
    assert alone.run_command(HERE.snippet("pool/staying_connected/restart"), "").startswith(
        "RESTART_POSTGRES="
    )
