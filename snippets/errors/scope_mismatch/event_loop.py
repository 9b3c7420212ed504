# /// script
# requires-python = ">=3.11"
# dependencies = ["pytest"]
# ///
# drivers: aiosqlite (pytest runs, and no database is asked)
import re
import subprocess
import tempfile
from pathlib import Path

TEST = """
import pytest
import pytest_asyncio

@pytest_asyncio.fixture(scope="session")
async def engine():
    return "engine"

@pytest.mark.asyncio
async def test_engine(engine):
    assert engine == "engine"
"""
# --8<-- [start:table]
REDEFINED = """
import asyncio
import pytest

@pytest.fixture(scope="session")
def event_loop():
    loop = asyncio.new_event_loop()
    yield loop
    loop.close()
"""


CASES = [
    ("0.21.2", "pytest==7.4.4", "unset", ""),
    ("0.21.2", "pytest==7.4.4", "unset", REDEFINED),
    ("1.5.*", "pytest==9.*", "function", ""),
    ("1.5.*", "pytest==9.*", "function", REDEFINED),
    ("1.5.*", "pytest==9.*", "unset", ""),
]


def outcome(release: str, pytest: str, scope: str, conftest: str) -> str:
    with tempfile.TemporaryDirectory() as folder:
        Path(folder, "conftest.py").write_text(conftest)
        Path(folder, "test_engine.py").write_text(TEST)
        command = ["uv", "run", "--isolated", "--no-project", "--with", pytest]
        command += ["--with", f"pytest-asyncio=={release}", "python", "-m", "pytest", folder]
        if scope != "unset":
            command += ["-o", f"asyncio_default_fixture_loop_scope={scope}"]
        done = subprocess.run(command, cwd=folder, capture_output=True, text=True)
    return str(re.findall(r"the \w+ scoped fixture \w+|1 passed", done.stdout)[0])


def main() -> None:
    print("release | fixture_loop_scope | conftest.py | outcome")
    #> release | fixture_loop_scope | conftest.py | outcome
    for case in CASES:
        mine = "`event_loop`" if case[3] else "empty"
        print(f"{case[0]} | {case[2]} | {mine} | {outcome(*case)}")
        #> 0.21.2 | unset | empty | the function scoped fixture event_loop
        #> 0.21.2 | unset | `event_loop` | 1 passed
        #> 1.5.* | function | empty | the function scoped fixture _function_scoped_runner
        #> 1.5.* | function | `event_loop` | the function scoped fixture _function_scoped_runner
        #> 1.5.* | unset | empty | 1 passed
# --8<-- [end:table]


if __name__ == "__main__":
    main()
