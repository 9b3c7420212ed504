"""`serving` is written in one place: a copy that drifts is named, and renewed."""

from __future__ import annotations

from pathlib import Path

import pytest

from greenlit.project import HERE, Project
from greenlit.proof import shared

COPY = HERE.snippet("lifecycle/from_flask/scoped")


def drifted(tmp_path: Path, old: str, new: str) -> Project:
    """A project with one snippet, whose copy differs from ours."""
    folder = tmp_path / "snippets" / "guide" / "page"
    folder.mkdir(parents=True)
    source = COPY.source[COPY.source.index("@asynccontextmanager\nasync def serving") :]
    assert old in source
    (folder / "idea.py").write_text(source.replace(old, new, 1))
    return Project(tmp_path)


def test_every_copy_is_the_same() -> None:
    assert list(shared.problems(HERE)) == []


@pytest.mark.parametrize(
    "old, new",
    [
        ("        server.should_exit = True\n", "        pass\n"),
        ("@asynccontextmanager\nasync def serving", "async def serving"),
        ("await asyncio.sleep(0.01)", "await asyncio.sleep(0.01)\n        await asyncio.sleep(1)"),
    ],
)
def test_a_copy_that_drifts_is_named_and_renewed(old: str, new: str, tmp_path: Path) -> None:
    project = drifted(tmp_path, old, new)
    found = list(shared.problems(project))
    assert len(found) == 1 and "run 'make update'" in found[0]
    healed = shared.renewed(project.snippet("guide/page/idea"))
    assert healed.source == drifted(tmp_path / "ours", "a", "a").snippet("guide/page/idea").source


@pytest.mark.parametrize(
    "old, new, complaint",
    [
        ('log_level="critical"', 'log_level="debug"', "log_level='debug'"),
        ("AsyncIterator[httpx.AsyncClient]", "AsyncIterator[bytes]", "yields bytes"),
        ("httpx.AsyncClient(", "httpx.Client(", "does not call httpx.AsyncClient()"),
    ],
)
def test_what_a_copy_may_not_choose_is_named(old: str, new: str, complaint: str, tmp_path: Path) -> None:
    found = list(shared.problems(drifted(tmp_path, old, new)))
    assert len(found) == 1 and complaint in found[0]
    assert found[0].startswith("snippets/guide/page/idea.py:")
