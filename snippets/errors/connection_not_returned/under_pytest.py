# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0", "aiosqlite", "pytest", "pytest-asyncio"]
# ///
# drivers: aiosqlite (the same is reported for the others)
import subprocess
import sys
import tempfile
from pathlib import Path

SETTINGS = """
[pytest]
filterwarnings = error
asyncio_default_fixture_loop_scope = function
"""
# --8<-- [start:conftest]
CONFTEST = """
import gc
from collections.abc import Iterator

import pytest


@pytest.fixture(autouse=True)
def nothing_is_lost() -> Iterator[None]:
    yield
    gc.collect()
"""
# --8<-- [end:conftest]

TEST = """
import asyncio

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession, create_async_engine

engine = create_async_engine("sqlite+aiosqlite:///test.db")


async def lose() -> None:
    session = AsyncSession(engine)
    await session.execute(text("SELECT 1"))


def test_lose() -> None:
    asyncio.run(lose())
"""


def main() -> None:
    # --8<-- [start:run]
    files = {"pytest.ini": SETTINGS, "conftest.py": CONFTEST, "test_lose.py": TEST}
    with tempfile.TemporaryDirectory() as folder:
        for name, content in files.items():
            Path(folder, name).write_text(content)
        command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider"]
        run = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    for line in run.stdout.splitlines():
        if "non-checked-in connection" in line and line.startswith("ERROR"):
            print(line[line.index("The garbage") :].partition(" <")[0])
            #> The garbage collector is trying to clean up non-checked-in connection
        elif line.startswith(("FAILED", "ERROR")):
            print(line.partition(": ")[0])
            #> ERROR test_lose.py::test_lose - pytest.PytestUnraisableExceptionWarning
    # --8<-- [end:run]


if __name__ == "__main__":
    main()
