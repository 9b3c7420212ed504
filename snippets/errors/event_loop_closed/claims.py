# /// script
# requires-python = ">=3.11"
# dependencies = [
#     "sqlalchemy[asyncio]>=2.0.38", "aiosqlite", "asyncpg", "psycopg[binary]",
#     "pytest", "pytest-asyncio>=1.0",
# ]
# ///
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
ENVIRONMENT = {**os.environ, "DATABASE_URL": DATABASE_URL}

CONFTEST = """
import gc, pytest

@pytest.fixture(autouse=True)
def nothing_is_lost():
    yield
    gc.collect()
"""

SETTINGS = """
[pytest]
asyncio_mode = auto
asyncio_default_fixture_loop_scope = session
asyncio_default_test_loop_scope = session
filterwarnings = error
"""

IMPORTS = """
import os, pytest_asyncio
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession, create_async_engine
"""

RETURNS = """
engine = create_async_engine(os.environ["DATABASE_URL"])

@pytest_asyncio.fixture(SCOPE)
async def session():
    return AsyncSession(engine)
"""

YIELDS = """
engine = create_async_engine(os.environ["DATABASE_URL"])

@pytest_asyncio.fixture(SCOPE)
async def session():
    async with AsyncSession(engine) as session:
        yield session
    await engine.dispose()
"""

TESTS = """
async def test_select(session):
    await session.execute(text("SELECT 1"))

async def test_nothing():
    pass
"""


def run_pytest(fixture: str, scope: str) -> tuple[int, str]:
    with tempfile.TemporaryDirectory() as folder:
        Path(folder, "pytest.ini").write_text(SETTINGS)
        Path(folder, "conftest.py").write_text(CONFTEST)
        Path(folder, "test_session.py").write_text(IMPORTS + fixture.replace("SCOPE", scope) + TESTS)
        command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", folder]
        done = subprocess.run(command, cwd=folder, capture_output=True, text=True, env=ENVIRONMENT)
    return done.returncode, done.stdout


async def claim_found(_engine: AsyncEngine) -> None:
    """`filterwarnings = error` and a `gc.collect()` after each test find a fixture of function scope that returns a session, if a test used it: a test has an error."""
    assert run_pytest(YIELDS, "")[0] == 0
    code, said = run_pytest(RETURNS, "")
    assert code == 1
    assert "ERROR test_session.py::test_nothing" in said


async def claim_session_scope(_engine: AsyncEngine) -> None:
    """With these two, a fixture of session scope that returns a session leaves the tests without an error, and pytest still exits with an error code."""
    assert run_pytest(YIELDS, "scope='session'")[0] == 0
    code, said = run_pytest(RETURNS, "scope='session'")
    assert code == 1
    assert "ERROR test_session.py" not in said


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

