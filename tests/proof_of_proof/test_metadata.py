"""What a snippet asks for."""

from __future__ import annotations

import pytest

from greenlit.census import metadata
from tests.proof_of_proof.workshop import HEADER, Workshop


def test_a_snippet_that_does_not_run_alone(workshop: Workshop) -> None:
    workshop.write("leaning", HEADER + "import fastapi\nfrom greenlit import render\n")
    message = workshop.census(metadata.every_snippet_runs_alone)
    assert "leaning.py:5: imports fastapi, which its metadata does not ask for" in message
    assert "leaning.py:6: imports greenlit" in message


ASKS = 'dependencies = ["sqlalchemy[asyncio]>=2.0", "aiosqlite"]'
ON_SQLITE = "# drivers: aiosqlite (the others are not asked)\n"
ENGINE = """\
import os

from fastapi import Depends
from sqlalchemy.ext.asyncio import create_async_engine

engine = create_async_engine(os.environ["DATABASE_URL"])
session = Depends(create_async_engine, scope="function")
"""


@pytest.mark.parametrize(
    "dependencies, problem",
    [
        ('"sqlalchemy[asyncio]>=2.0", "aiosqlite", "fastapi>=0.121"', ""),
        ('"sqlalchemy>=2.0", "aiosqlite", "fastapi"', "ask for sqlalchemy[asyncio], which brings greenlet"),
        ('"sqlalchemy[asyncio]", "fastapi"', "claims aiosqlite and does not ask for it"),
        ('"sqlalchemy[asyncio]", "aiosqlite", "fastapi", "httpx"', "asks for httpx and does not use it"),
        ('"sqlalchemy[asyncio]", "aiosqlite", "fastapi<0.106"', "fastapi<0.106 excludes 0."),
        ('"sqlalchemy[asyncio]", "aiosqlite", "fastapi>=0.100"', "came with 0.121: write fastapi>=0.121"),
    ],
)
def test_dependencies(workshop: Workshop, dependencies: str, problem: str) -> None:
    workshop.write("asks", HEADER.replace(ASKS, f"dependencies = [{dependencies}]") + ON_SQLITE + ENGINE)
    message = workshop.census(
        metadata.every_driver_comes_with_the_file,
        metadata.no_dependency_is_unused,
        metadata.every_bound_allows_what_was_proven,
    )
    assert problem in message and bool(problem) == bool(message)
    assert not problem or message.startswith("snippets/topic/asks.py:1: ")


@pytest.mark.parametrize(
    "raised, wrong", [("", True), ("\n[elsewhere]\n9: x\n    raised  TypeError: scope\n", False)]
)
def test_a_bound_that_excludes_where_it_ran(workshop: Workshop, raised: str, wrong: bool) -> None:
    """It may exclude a release line that is recorded to show that the file does not run there."""
    header = HEADER.replace(ASKS, 'dependencies = ["sqlalchemy[asyncio]", "aiosqlite", "fastapi>=0.121"]')
    snippet = workshop.write("asks", header + ON_SQLITE + "# also: fastapi==0.105.*\n" + ENGINE)
    block = "== aiosqlite with fastapi==0.105.*\nproven on: Python 3.11.7, FastAPI 0.105.0\n"
    snippet.ledger_path.write_text("What running asks.py did.\n\n" + block + raised)
    message = workshop.census(metadata.every_bound_allows_what_was_proven)
    assert ("fastapi>=0.121 excludes 0.105.0, on which it ran to its end" in message) == wrong
