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

@pytest.fixture
async def session():
    yield 1

@pytest.fixture
async def user():
    return 1

@pytest.mark.asyncio
async def test_select(session):
    await session.execute("SELECT 1")

@pytest.mark.asyncio
async def test_user(user):
    assert user.id

async def test_without_mark():
    assert False
"""


# --8<-- [start:run]
VERSIONS = {"7.4.4": "0.21.2", "8.4.2": "1.2.0"}


def main() -> None:
    for pytest, plugin in VERSIONS.items():
        with tempfile.TemporaryDirectory() as folder:
            Path(folder, "test_select.py").write_text(TEST)
            command = ["uv", "run", "--isolated", "--no-project", "--with", f"pytest=={pytest}"]
            command += ["--with", f"pytest-asyncio=={plugin}", "python", "-m", "pytest", folder]
            done = subprocess.run(command, cwd=folder, capture_output=True, text=True)
        errors = re.findall(r"^E +(\w+Error: .*)", done.stdout, re.MULTILINE)
        for line in [*errors, *re.findall(r"\d+ (?:failed|skipped)", done.stdout)]:
            print(f"pytest {pytest}: {line}")
            #> pytest 7.4.4: AttributeError: 'async_generator' object has no attribute 'execute'
            #> pytest 7.4.4: AttributeError: 'coroutine' object has no attribute 'id'
            #> pytest 7.4.4: 2 failed
            #> pytest 7.4.4: 1 skipped
            #> pytest 8.4.2: AttributeError: 'async_generator' object has no attribute 'execute'
            #> pytest 8.4.2: AttributeError: 'coroutine' object has no attribute 'id'
            #> pytest 8.4.2: 3 failed
# --8<-- [end:run]


if __name__ == "__main__":
    main()
