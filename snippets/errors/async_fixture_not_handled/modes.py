# /// script
# requires-python = ">=3.11"
# dependencies = ["pytest>=8.4", "pytest-asyncio>=1.0", "anyio"]
# ///
# drivers: aiosqlite (pytest runs, and no database is asked)
import re
import subprocess
import sys
import tempfile
from pathlib import Path

FILE = """
import pytest
import pytest_asyncio

@{}.fixture
async def session():
    yield 1

@pytest.fixture
def anyio_backend():
    return "asyncio"

{} test_it(session):
    assert session == 1
"""
# --8<-- [start:table]
CASES = {
    "`@pytest.fixture`, `@pytest.mark.asyncio`": ("pytest", "@pytest.mark.asyncio\nasync def"),
    "`@pytest.fixture`, no mark": ("pytest", "async def"),
    "`@pytest_asyncio.fixture`, no mark": ("pytest_asyncio", "async def"),
    "`@pytest.fixture`, `def` test": ("pytest", "def"),
    "`@pytest.fixture`, `@pytest.mark.anyio`": ("pytest", "@pytest.mark.anyio\nasync def"),
}
SAID = "requested an async fixture|async def functions are not natively supported"


def outcomes(mode: str) -> list[str]:
    with tempfile.TemporaryDirectory() as folder:
        for number, case in enumerate(CASES.values()):
            Path(folder, f"test_{number}.py").write_text(FILE.format(*case))
        command = [sys.executable, "-m", "pytest", "-vv", f"--asyncio-mode={mode}"]
        done = subprocess.run(command, cwd=folder, capture_output=True, text=True)
    summary = done.stdout.rpartition("test summary")[2]
    failed = dict(re.findall(rf"test_(\d)\.py.*?({SAID})", summary))
    return [failed.get(str(number), "works") for number in range(len(CASES))]


def main() -> None:
    print("fixture and test | strict, the default | auto")
    #> fixture and test | strict, the default | auto
    for name, strict, auto in zip(CASES, outcomes("strict"), outcomes("auto"), strict=True):
        print(f"{name} | {strict} | {auto}")
        #> `@pytest.fixture`, `@pytest.mark.asyncio` | requested an async fixture | works
        #> `@pytest.fixture`, no mark | requested an async fixture | works
        #> `@pytest_asyncio.fixture`, no mark | async def functions are not natively supported | works
        #> `@pytest.fixture`, `def` test | requested an async fixture | works
        #> `@pytest.fixture`, `@pytest.mark.anyio` | works | works
# --8<-- [end:table]


if __name__ == "__main__":
    main()
