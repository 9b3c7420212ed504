"""A whole set-up from the sections of a file: nothing is missing in it, and nothing is too much."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from greenlit import Mistake
from greenlit.project import HERE, Project
from greenlit.site.verbs import whole

SETUPS = {
    "lifecycle/setup/smallest": ["lifespan", "dependency", "endpoints"],
    "lifecycle/setup/production": ["settings", "engine", "app", "dependency"],
}
FILE = """\
# /// script
# requires-python = ">=3.11"
# ///
import asyncio
import os
from typing import Annotated, Any

from fastapi import Depends, FastAPI

LIMIT = 3
UNUSED = 4
PLACE: str = os.sep


class Base:
    pass


# --8<-- [start:one]
@decorated(LIMIT)
def one(base: Base) -> Any:
    return PLACE


# --8<-- [end:one]
async def main() -> None:
    # --8<-- [start:two]
    print(asyncio)
    # --8<-- [end:two]
"""
WHOLE = """\
import os
from typing import Any

LIMIT = 3
PLACE: str = os.sep


class Base:
    pass


@decorated(LIMIT)
def one(base: Base) -> Any:
    return PLACE"""
USED = """

import asyncio

from fastapi.testclient import TestClient


async def create_tables() -> None:
    engine = create_async_engine(DATABASE_URL)
    async with engine.begin() as connection:
        await connection.run_sync(Base.metadata.create_all)
    await engine.dispose()


asyncio.run(create_tables())
with TestClient(app) as client:
    print(client.post("/users?name=Ada").json(), client.get("/users/2").status_code)
"""


def test_what_the_sections_need_and_no_more(tmp_path: Path) -> None:
    project = Project(tmp_path)
    path = project.snippets / "topic" / "page" / "file.py"
    path.parent.mkdir(parents=True)
    path.write_text(FILE)
    assert whole.needed(project.snippet("topic/page/file"), ["one"]) == WHOLE
    for target, remedy in {
        "topic/page/file": "name sections: guide/page/idea#some, sections",
        "topic/page/file#one, none": "has no section 'none': it has one, two",
    }.items():
        with pytest.raises(Mistake, match=remedy):
            whole.check(project, target)


@pytest.mark.parametrize("name", SETUPS)
def test_the_set_ups_to_copy_lack_nothing(name: str, tmp_path: Path) -> None:
    """No name is undefined in them, and no import unused."""
    page = (HERE.docs / "guides" / "lifecycle" / "setup.md").read_text()
    assert f"\n@whole {name}#{', '.join(SETUPS[name])}\n" in page
    copied = tmp_path / "main.py"
    copied.write_text(whole.needed(HERE.snippet(name), SETUPS[name]) + "\n")
    command = [sys.executable, "-m", "ruff", "check", "--isolated", "--select", "F", str(copied)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout


def test_the_smallest_one_runs_as_it_is_copied(tmp_path: Path) -> None:
    name = "lifecycle/setup/smallest"
    copied = tmp_path / "main.py"
    copied.write_text(whole.needed(HERE.snippet(name), SETUPS[name]) + USED)
    done = subprocess.run(
        [sys.executable, copied.name],
        cwd=tmp_path,
        env={"PATH": ""},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stdout) == (0, "{'id': 1, 'name': 'Ada'} 404\n"), done.stderr
