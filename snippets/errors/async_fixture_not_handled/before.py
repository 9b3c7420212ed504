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
"""


# --8<-- [start:run]
def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        Path(folder, "test_select.py").write_text(TEST)
        command = ["uv", "run", "--isolated", "--no-project", "--with", "pytest==7.4.4"]
        command += ["--with", "pytest-asyncio==0.21.2", "python", "-m", "pytest", folder]
        done = subprocess.run(command, cwd=folder, capture_output=True, text=True)
    for line in re.findall(r"^E +(\w+Error: .*)", done.stdout, re.MULTILINE):
        print(line)
        #> AttributeError: 'async_generator' object has no attribute 'execute'
        #> AttributeError: 'coroutine' object has no attribute 'id'
# --8<-- [end:run]


if __name__ == "__main__":
    main()
