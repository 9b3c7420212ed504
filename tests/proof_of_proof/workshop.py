"""A place with snippets and pages of its own, where each of them can be wrong."""

from __future__ import annotations

import shutil
import textwrap
from dataclasses import replace
from pathlib import Path

import pytest

from greenlit.census.rules import Rule
from greenlit.census.survey import Survey
from greenlit.project import HERE, Project
from greenlit.proof.database import Stage
from greenlit.proof.prove import prove, update
from greenlit.proof.run import Rejected
from greenlit.record import write_whole
from greenlit.snippet import Snippet

HEADER = """\
# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0", "aiosqlite"]
# ///
"""


QUERY = (
    HEADER
    + """
import asyncio
import os

from sqlalchemy import text
from sqlalchemy.ext.asyncio import create_async_engine


async def main() -> None:
    engine = create_async_engine(os.environ.get("DATABASE_URL", "sqlite+aiosqlite:///greenlit.db"))
    try:
        # --8<-- [start:query]
        async with engine.connect() as connection:
            print(await connection.scalar(text("SELECT 1")))
            #> 1
        # --8<-- [end:query]
    finally:
        await engine.dispose()


asyncio.run(main())
"""
)


class Workshop:
    """A place of its own with snippets and pages, and the harness that is to reject them."""

    def __init__(self, root: Path, stage: Stage) -> None:
        self.project = Project(root)
        (self.project.snippets / "topic").mkdir(parents=True)
        self.project.error_pages.mkdir(parents=True)
        shutil.copy(HERE.root / "uv.lock", root)
        self._stage = stage

    def pair(self, twin: str, fix: str, name: str = "pair") -> None:
        """A fix and its twin, below a header that asks for what they import."""
        self.write(f"{name}_breaks", HEADER + twin)
        self.write(name, HEADER + fix)

    def write(self, name: str, source: str) -> Snippet:
        (self.project.snippets / "topic" / f"{name}.py").write_text(source)
        return self.project.snippet(f"topic/{name}")

    def page(self, text: str) -> None:
        (self.project.error_pages / "page.md").write_text(textwrap.dedent(text))

    def update(self, snippet: Snippet) -> None:
        updated, record = update(snippet, self._stage)
        write_whole(snippet.path, updated.source)
        record.save(snippet)

    def rejection(self, snippet: Snippet, driver: str = "aiosqlite") -> str:
        with pytest.raises(Rejected) as rejected:
            prove(snippet, driver, self._stage)
        return str(rejected.value)

    def census(self, *rules: Rule) -> str:
        survey = Survey(self.project)
        return "\n".join(problem for rule in rules for problem in rule(survey))

    def accept(self, snippet: Snippet) -> None:
        prove(snippet, "aiosqlite", self._stage)


def changed(snippet: Snippet, old: str, new: str) -> Snippet:
    assert old in snippet.source
    return replace(snippet, source=snippet.source.replace(old, new))
