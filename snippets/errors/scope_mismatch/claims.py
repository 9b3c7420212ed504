# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0", "aiosqlite", "pytest", "pytest-asyncio>=1.0"]
# ///
# drivers: aiosqlite (pytest runs, and no database is asked)
import asyncio
import os
import subprocess
import sys
import tempfile
import traceback
from collections.abc import Awaitable, Callable
from pathlib import Path

from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

DATABASE_URL = os.environ.get("DATABASE_URL", "sqlite+aiosqlite:///greenlit.db")
FUNCTION = "[pytest]\nasyncio_default_fixture_loop_scope = function\n"


def pytest_says(**files: str) -> str:
    """Of tests in these files."""
    with tempfile.TemporaryDirectory() as folder:
        for name, content in files.items():
            Path(folder, name.replace("_dot_", ".")).write_text(content)
        command = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", folder]
        return subprocess.run(command, cwd=folder, capture_output=True, text=True).stdout


ASYNC_FIXTURE = """
import asyncio
import pytest
import pytest_asyncio

@pytest_asyncio.fixture(scope="session"{loop_scope})
async def loop():
    return asyncio.get_running_loop()

@pytest.mark.asyncio{mark}
async def test_loop(loop):
    assert loop is asyncio.get_running_loop()
"""


async def claim_loop_scope(engine: AsyncEngine) -> None:
    """`loop_scope="session"` on the one fixture removes the error. A test without a `loop_scope` then ran in another loop than the fixture; with `loop_scope="session"` in its marker it ran in the same."""
    fixed = ', loop_scope="session"'
    assert "ScopeMismatch" in pytest_says(pytest_dot_ini=FUNCTION, test_loop_dot_py=ASYNC_FIXTURE.format(loop_scope="", mark=""))
    said = pytest_says(pytest_dot_ini=FUNCTION, test_loop_dot_py=ASYNC_FIXTURE.format(loop_scope=fixed, mark=""))
    assert "ScopeMismatch" not in said
    assert "1 failed" in said
    said = pytest_says(
        pytest_dot_ini=FUNCTION,
        test_loop_dot_py=ASYNC_FIXTURE.format(loop_scope=fixed, mark='(loop_scope="session")'),
    )
    assert "1 passed" in said


TWO_TESTS = """
import asyncio
import pytest_asyncio

loops = set()

@pytest_asyncio.fixture(scope="session", autouse=True)
async def fixture():
    loops.add(asyncio.get_running_loop())

async def test_first():
    loops.add(asyncio.get_running_loop())

async def test_second():
    loops.add(asyncio.get_running_loop())
    assert len(loops) == {count}
"""


async def claim_both_settings(engine: AsyncEngine) -> None:
    """With both settings, a fixture for the session and two tests ran in one loop. Without the second one, they ran in three."""
    first = "[pytest]\nasyncio_mode = auto\nasyncio_default_fixture_loop_scope = session\n"
    both = first + "asyncio_default_test_loop_scope = session\n"
    assert "2 passed" in pytest_says(pytest_dot_ini=both, test_loop_dot_py=TWO_TESTS.format(count=1))
    assert "2 passed" in pytest_says(pytest_dot_ini=first, test_loop_dot_py=TWO_TESTS.format(count=3))


WIDE = """
import asyncio
import os
import pytest

@pytest.fixture(scope="session")
def database_url():
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("DATABASE_URL", "sqlite+aiosqlite://")
        yield os.environ["DATABASE_URL"]

@pytest.fixture(scope="session")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("files")

@pytest.mark.asyncio
async def test_both(database_url, folder):
    assert database_url == os.environ["DATABASE_URL"] and folder.is_dir()
    assert asyncio.get_running_loop().is_running()
"""


async def claim_wider_fixtures(engine: AsyncEngine) -> None:
    """In a fixture for the session, `pytest.MonkeyPatch.context()` replaces `monkeypatch`, and `tmp_path_factory` replaces `tmp_path`."""
    assert "1 passed" in pytest_says(test_wide_dot_py=WIDE)


async def claim_one_file(engine: AsyncEngine) -> None:
    """If the folder has both, a `pytest.ini` hides the settings in `pyproject.toml`. The header of pytest's output names the file that is used."""
    said = pytest_says(
        pytest_dot_ini=FUNCTION,
        pyproject_dot_toml='[tool.pytest.ini_options]\nasyncio_default_fixture_loop_scope = "session"\n',
        test_loop_dot_py=ASYNC_FIXTURE.format(loop_scope="", mark=""),
    )
    assert "configfile: pytest.ini" in said
    assert "ScopeMismatch" in said


async def claim_names_your_fixture(engine: AsyncEngine) -> None:
    """Below `Requesting fixture stack`, the message names your fixture with its file and line."""
    said = pytest_says(pytest_dot_ini=FUNCTION, test_loop_dot_py=ASYNC_FIXTURE.format(loop_scope="", mark=""))
    assert "test_loop.py:6:  def loop()" in said.partition("Requesting fixture stack:")[2]


async def reason_against(claim: Callable[[AsyncEngine], Awaitable[None]]) -> str:
    """Why a claim does not hold here, or nothing."""
    engine = create_async_engine(DATABASE_URL)
    try:
        await claim(engine)
    except Exception as error:
        line = traceback.extract_tb(error.__traceback__)[-1].line
        return f"{type(error).__name__}: {str(error).partition(chr(10))[0] or line}"
    finally:
        await engine.dispose()
    return ""


async def main() -> None:
    for name, claim in list(globals().items()):
        if name.startswith("claim_"):
            sentence, against = " ".join(claim.__doc__.split()), await reason_against(claim)
            print(f"does not hold: {sentence} ({against})" if against else f"holds: {sentence}")


if __name__ == "__main__":
    asyncio.run(main())
